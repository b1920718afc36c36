/** What clients may ask. A parameter that would change the answer and is not handled is refused, never ignored. */
import { z } from 'zod';
import { itemAt } from '../../core/present.ts';
import { ApiError } from './errors.ts';

const absent = z.null('is not supported').optional();
const mostAlternatives = 20;

const sampling = {
	temperature: z.number().min(0).max(2).nullish(),
	top_p: z.number().gt(0).max(1).nullish(),
	seed: z.int().nullish(),
	stop: z.union([z.string().min(1), z.array(z.string().min(1)).max(4)]).nullish(),
	stream: z.boolean().nullish(),
	stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
};

/** Says nothing about the answer. */
const harmless = {
	user: z.string().nullish(),
	metadata: z.unknown().optional(),
	store: z.unknown().optional(),
	safety_identifier: z.unknown().optional(),
	prompt_cache_key: z.unknown().optional(),
	service_tier: z.unknown().optional(),
	n: z.literal(1, 'only one answer per request').nullish(),
	presence_penalty: z.literal(0, 'penalties are not supported').nullish(),
	frequency_penalty: z.literal(0, 'penalties are not supported').nullish(),
	logit_bias: z.record(z.string(), z.never('is not supported')).nullish(),
	tools: absent,
	tool_choice: absent,
	functions: absent,
};

const textPart = z.object({ type: z.literal('text', 'only text is understood'), text: z.string() });
const message = z.looseObject({
	role: z.enum(['system', 'developer', 'user', 'assistant']),
	content: z.union([z.string(), z.array(textPart).transform((parts) => parts.map(({ text }) => text).join(''))]),
});

const responseFormat = z.discriminatedUnion('type', [
	z.object({ type: z.literal('text') }),
	z.object({ type: z.literal('json_schema'), json_schema: z.looseObject({ schema: z.unknown() }) }),
]);

const chatSchema = z
	.strictObject({
		model: z.string(),
		messages: z.array(message).min(1),
		max_tokens: z.int().min(1).nullish(),
		max_completion_tokens: z.int().min(1).nullish(),
		logprobs: z.boolean().nullish(),
		top_logprobs: z.int().min(0).max(mostAlternatives).nullish(),
		response_format: responseFormat.nullish(),
		...sampling,
		...harmless,
	})
	.refine(({ logprobs, top_logprobs: top }) => top == null || logprobs === true, {
		path: ['top_logprobs'],
		message: 'needs "logprobs": true',
	});

const tokens = z.array(z.int().min(0));
const completionSchema = z.strictObject({
	model: z.string(),
	prompt: z.union([z.string(), tokens, z.array(z.string()).length(1), z.array(tokens).length(1)]),
	max_tokens: z.int().min(1).nullish(),
	logprobs: z.int().min(0).max(mostAlternatives).nullish(),
	echo: z.literal(false, 'is not supported').nullish(),
	suffix: absent,
	best_of: z.literal(1, 'only one answer per request').nullish(),
	...sampling,
	...harmless,
});

export type ChatRequest = z.output<typeof chatSchema>;
export type CompletionRequest = z.output<typeof completionSchema>;
export type ResponseFormat = z.output<typeof responseFormat>;

/** Returns a checked chat request. Throws `ApiError` that names the parameter at fault. */
export function parseChat(body: unknown): ChatRequest {
	return parsed(chatSchema, body);
}

/** Returns a checked completion request. Throws `ApiError` that names the parameter at fault. */
export function parseCompletion(body: unknown): CompletionRequest {
	return parsed(completionSchema, body);
}

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
	const result = schema.safeParse(body);
	if (result.success) return result.data;
	const issue = itemAt(result.error.issues, 0);
	if (issue.code === 'unrecognized_keys') {
		const key = itemAt(issue.keys, 0);
		throw new ApiError(400, `Unrecognized request argument supplied: ${key}`, key, 'unknown_parameter');
	}
	const param = issue.path.join('.');
	throw new ApiError(
		400,
		`Invalid value for "${param}": ${issue.message}.`,
		param === '' ? null : param,
		'invalid_value',
	);
}
