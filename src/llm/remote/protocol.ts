/** Requests and answers of chat completions: what we send and what we read of what comes. */
import { z } from 'zod';
import type { ChatMessage } from '../languageModel.ts';

export interface ChatRequest {
	readonly messages: readonly ChatMessage[];
	readonly maxTokens: number;
	/** The number of most probable tokens to report per token; 0 for none. */
	readonly topLogProbabilities: number;
	/** A JSON schema that the answer must follow; null for any text. */
	readonly schema: object | null;
}

/** Which parameters a server takes. */
export interface Dialect {
	readonly limit: 'max_tokens' | 'max_completion_tokens';
	readonly temperature: boolean;
	readonly seed: boolean;
}

/** Returns the body of a request. */
export function bodyOf(model: string, request: ChatRequest, dialect: Dialect, extra: object): object {
	const { messages, maxTokens, topLogProbabilities: top, schema } = request;
	return {
		model,
		messages: messages.map(({ role, content }) => ({ role, content })),
		[dialect.limit]: maxTokens,
		...(dialect.temperature ? { temperature: 0 } : {}),
		...(dialect.seed ? { seed: 1 } : {}),
		...(top > 0 ? { logprobs: true, top_logprobs: top } : {}),
		...(schema === null
			? {}
			: { response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } } }),
		...extra,
	};
}

const scored = z.looseObject({ token: z.string(), logprob: z.number() });

/** A token of an answer, with the most probable ones at its place. */
export type AnsweredToken = z.output<typeof scored> & { readonly top_logprobs: readonly z.output<typeof scored>[] };

export const completionSchema = z.looseObject({
	choices: z
		.array(
			z.looseObject({
				message: z.looseObject({ content: z.string().nullish(), refusal: z.string().nullish() }),
				finish_reason: z.string().nullish(),
				logprobs: z
					.looseObject({ content: z.array(scored.extend({ top_logprobs: z.array(scored).default([]) })).nullish() })
					.nullish(),
			}),
		)
		.min(1),
	usage: z.looseObject({ prompt_tokens: z.number().nullish(), completion_tokens: z.number().nullish() }).nullish(),
});

/** What we keep of an answer. */
export interface Completion {
	readonly text: string;
	readonly finish: string | null;
	readonly refusal: string | null;
	readonly tokens: readonly AnsweredToken[];
	/** Null where the server does not report it. */
	readonly inputTokens: number | null;
	readonly outputTokens: number | null;
}

/** Returns what an answer says; null where it is none. */
export function readCompletion(answer: unknown): Completion | null {
	const parsed = completionSchema.safeParse(answer);
	const [choice] = parsed.success ? parsed.data.choices : [];
	if (!parsed.success || choice === undefined) return null;
	return {
		text: choice.message.content ?? '',
		finish: choice.finish_reason ?? null,
		refusal: choice.message.refusal ?? null,
		tokens: choice.logprobs?.content ?? [],
		inputTokens: parsed.data.usage?.prompt_tokens ?? null,
		outputTokens: parsed.data.usage?.completion_tokens ?? null,
	};
}

const errorSchema = z.looseObject({
	error: z.union([
		z.string(),
		z.looseObject({ message: z.string().nullish(), param: z.string().nullish(), code: z.unknown().optional() }),
	]),
});

/** Returns the message, parameter and code of an error's body; other bodies are their own message. */
export function readError(body: string): { readonly message: string; readonly param: string; readonly code: string } {
	const parsed = errorSchema.safeParse(parseJson(body));
	if (!parsed.success) return { message: body.replaceAll(/\s+/gu, ' ').trim().slice(0, 300), param: '', code: '' };
	const { error } = parsed.data;
	if (typeof error === 'string') return { message: error, param: '', code: '' };
	const code = typeof error.code === 'string' ? error.code : '';
	return { message: error.message ?? '', param: error.param ?? '', code };
}

/** Returns the value of a JSON text, undefined where it is none. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}
