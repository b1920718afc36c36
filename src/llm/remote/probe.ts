/** Finds out what a server can do by asking it: status 200 is no proof, servers ignore what they do not know. */
import { z } from 'zod';
import { UserError } from '../../core/errors.ts';
import type { ApiClient } from './client.ts';
import { bodyOf, type ChatRequest, type Completion, type Dialect, parseJson, type readError } from './protocol.ts';

export interface ApiCapabilities {
	readonly dialect: Dialect;
	/** Most probable tokens that are reported per token of an answer; 0 for none. */
	readonly topLogProbabilities: number;
	/** Whether an answer follows a JSON schema. */
	readonly structuredOutput: boolean;
}

export const capabilitiesSchema = z.object({
	dialect: z.object({
		limit: z.enum(['max_tokens', 'max_completion_tokens']),
		temperature: z.boolean(),
		seed: z.boolean(),
	}),
	topLogProbabilities: z.int().min(0),
	structuredOutput: z.boolean(),
});

/** What is still asked for; a refusal takes something away. */
interface Attempt {
	readonly dialect: Dialect;
	readonly top: number;
}

const plainQuestion: ChatRequest['messages'] = [{ role: 'user', content: 'Is water wet? Answer yes or no.' }];
/** No model would say this unless it must. */
const improbable = 'quilted zebra';
const colourQuestion: ChatRequest['messages'] = [{ role: 'user', content: 'Name a colour.' }];

/** OpenAI, vLLM and llama.cpp report up to 20 by default, others 5. */
const tops = [20, 5, 1, 0] as const;

/** Returns what the model behind the server can do. Throws `UserError` where it does not even answer a plain request. */
export async function probe(client: ApiClient, model: string, extra: object): Promise<ApiCapabilities> {
	const first: Attempt = { dialect: { limit: 'max_tokens', temperature: true, seed: true }, top: tops[0] };
	const { attempt, answer } = await firstAccepted(client, model, extra, first);
	const [token] = answer.tokens;
	const schema = { type: 'object', properties: { colour: { type: 'string', enum: [improbable] } } };
	const structured = await client.try(
		bodyOf(
			model,
			{ messages: colourQuestion, maxTokens: 30, topLogProbabilities: 0, schema: strict(schema) },
			attempt.dialect,
			extra,
		),
	);
	return {
		dialect: attempt.dialect,
		topLogProbabilities: token === undefined || token.top_logprobs.length === 0 ? 0 : attempt.top,
		structuredOutput:
			!('refused' in structured) &&
			JSON.stringify(parseJson(structured.text)) === JSON.stringify({ colour: improbable }),
	};
}

/** Returns a schema with what strict servers insist on. */
export function strict(schema: { readonly properties: object }): object {
	return { ...schema, required: Object.keys(schema.properties), additionalProperties: false };
}

async function firstAccepted(
	client: ApiClient,
	model: string,
	extra: object,
	first: Attempt,
): Promise<{ readonly attempt: Attempt; readonly answer: Completion }> {
	for (let attempt: Attempt | null = first; attempt !== null; ) {
		const { dialect, top } = attempt;
		const request = { messages: plainQuestion, maxTokens: 4, topLogProbabilities: top, schema: null };
		const answer = await client.try(bodyOf(model, request, dialect, extra));
		if (!('refused' in answer)) return { attempt, answer };
		attempt = reduced(attempt, answer.refused);
		if (attempt === null) throw refusal(client, model, answer.refused.message);
	}
	throw refusal(client, model, 'no reason given');
}

function refusal(client: ApiClient, model: string, reason: string): UserError {
	return new UserError(
		`${client.server} refuses a plain request to the model "${model}": ${reason.replace(/\.$/u, '')}.`,
	);
}

/** Returns the attempt without what the refusal names, or without the next thing that servers refuse; null where all is gone. */
function reduced({ dialect, top }: Attempt, { message, param, code }: ReturnType<typeof readError>): Attempt | null {
	if (code === 'model_not_found') return null;
	const said = `${param} ${message}`;
	const lower = tops.find((other) => other < top);
	if (/max_completion_tokens/u.test(said) && dialect.limit === 'max_tokens') {
		return { dialect: { ...dialect, limit: 'max_completion_tokens' }, top };
	}
	if (/temperature/u.test(said) && dialect.temperature) return { dialect: { ...dialect, temperature: false }, top };
	if (/\bseed\b/u.test(said) && dialect.seed) return { dialect: { ...dialect, seed: false }, top };
	if (/log_?prob/iu.test(said) && lower !== undefined) {
		return { dialect, top: /top_logprobs/u.test(said) ? lower : 0 };
	}
	if (dialect.seed) return { dialect: { ...dialect, seed: false }, top };
	if (lower !== undefined) return { dialect, top: 0 };
	return null;
}
