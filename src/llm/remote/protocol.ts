/** Requests and answers of chat completions: what we send and what we read of what comes. */
import { z } from 'zod';
import { endsThought, withoutThought } from '../../core/thought.ts';
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

/** JSON has no infinity: servers write null for minus infinity. Some round what is certain to a little above 0. */
const logProbability = z
	.number()
	.max(1e-3, 'a log-probability above 0')
	.nullish()
	.transform((value) => (value === null ? Number.NEGATIVE_INFINITY : value && Math.min(0, value)));

const tokenFields = { token: z.string(), logprob: logProbability, bytes: z.unknown().optional() };
const scored = z.looseObject(tokenFields).transform(withText);

function withText<T extends z.output<z.ZodObject<typeof tokenFields>>>(scoredToken: T): T {
	const { token, bytes } = scoredToken;
	return { ...scoredToken, token: Array.isArray(bytes) ? token : spelled(token) };
}

/** Some servers give tokens as their vocabulary writes them. */
function spelled(token: string): string {
	return token.replaceAll(/[\u0120\u2581]/gu, ' ').replaceAll('\u010a', '\n');
}

interface ScoredToken {
	readonly token: string;
	readonly logprob: number;
}

/** A token of an answer, with the most probable ones at its place. */
export interface AnsweredToken extends ScoredToken {
	readonly top_logprobs: readonly ScoredToken[];
}

const answeredToken = z.looseObject({ ...tokenFields, top_logprobs: z.array(scored).nullish() }).transform(withText);

/** The text of an answer, or its parts; those that are no text are thoughts, or what we never asked for. */
const contentSchema = z.union([
	z.string(),
	z.array(
		z.union([
			z.string(),
			z.looseObject({ type: z.string(), text: z.string().nullish() }).transform(({ type, text }) => {
				return type === 'text' || type === 'output_text' ? (text ?? '') : '';
			}),
		]),
	),
]);

const messageSchema = z.looseObject({
	content: contentSchema
		.nullish()
		.transform((content) => (Array.isArray(content) ? content.join('') : (content ?? ''))),
	refusal: z.string().nullish(),
	reasoning_content: z.unknown().optional(),
	reasoning: z.unknown().optional(),
});

const completionSchema = z.looseObject({
	choices: z
		.array(
			z.looseObject({
				message: messageSchema,
				finish_reason: z.string().nullish(),
				logprobs: z.looseObject({ content: z.array(answeredToken).nullish() }).nullish(),
			}),
		)
		.min(1),
	usage: z.looseObject({ prompt_tokens: z.number().nullish(), completion_tokens: z.number().nullish() }).nullish(),
});

/** What we keep of an answer. */
export interface Completion {
	/** Without the thought before it. */
	readonly text: string;
	/** The thought, where the server hands it out; else empty. */
	readonly thought: string;
	readonly finish: string | null;
	readonly refusal: string | null;
	/** True where the server stopped the model in the middle of its thought. */
	readonly isThoughtUnfinished: boolean;
	readonly tokens: readonly AnsweredToken[];
	/** Null where the server does not report it. */
	readonly inputTokens: number | null;
	readonly outputTokens: number | null;
}

/** Returns what an answer says, or why it is none. */
export function readCompletion(answer: unknown): Completion | { readonly wrong: string } {
	const parsed = completionSchema.safeParse(answer);
	const [choice] = parsed.success ? parsed.data.choices : [];
	if (!parsed.success || choice === undefined) return { wrong: wrongWith(parsed.error) };
	const { message, finish_reason: finish, logprobs } = choice;
	const { text, isComplete, thought } = withoutThought(message.content);
	const tokens = tokensOf(logprobs?.content ?? []);
	const apart = [message.reasoning_content, message.reasoning].find(isSaid);
	const isThinking = text.trim() === '' && apart !== undefined;
	return {
		text,
		thought: apart?.trim() ?? thought,
		finish: finish ?? null,
		refusal: message.refusal || null,
		isThoughtUnfinished: !isComplete || (isThinking && finish === 'length'),
		tokens: isComplete ? tokensOfAnswer(tokens, message.content.length - text.length) : tokens,
		inputTokens: parsed.data.usage?.prompt_tokens ?? null,
		outputTokens: parsed.data.usage?.completion_tokens ?? null,
	};
}

function wrongWith(error: z.ZodError | undefined): string {
	const isAboveZero = error?.issues.some(({ message }) => message.includes('above 0')) === true;
	return isAboveZero ? 'an answer with log-probabilities above 0' : 'an answer that is no chat completion';
}

function isSaid(thought: unknown): thought is string {
	return typeof thought === 'string' && thought.trim() !== '';
}

/** Tokens up to one whose log-probability is not known, not even from the list at its place. */
function tokensOf(listed: readonly z.output<typeof answeredToken>[]): AnsweredToken[] {
	const tokens: AnsweredToken[] = [];
	for (const { token, logprob: own, top_logprobs } of listed) {
		const top = (top_logprobs ?? []).flatMap((one) =>
			one.logprob === undefined ? [] : [{ token: one.token, logprob: one.logprob }],
		);
		const logprob = own ?? top.find((one) => one.token === token)?.logprob;
		if (logprob === undefined) break;
		tokens.push({ token, logprob, top_logprobs: top });
	}
	return tokens;
}

/**
 * Returns the tokens that follow the thought, which has so many characters of the content. Some servers hand the thought out
 * apart from the content and list its tokens all the same.
 */
function tokensOfAnswer(tokens: readonly AnsweredToken[], characters: number): readonly AnsweredToken[] {
	const listed = tokens.map(({ token }) => token).join('');
	const { text, isComplete } = withoutThought(listed);
	const isListed = characters === 0 && isComplete && endsThought(listed);
	return tokensAfter(tokens, isListed ? listed.length - text.length : characters);
}

/** Returns the tokens after those that spell so many characters. */
function tokensAfter(tokens: readonly AnsweredToken[], characters: number): readonly AnsweredToken[] {
	let spelledLength = 0;
	const first = tokens.findIndex(({ token }) => {
		if (spelledLength >= characters) return true;
		spelledLength += token.length;
		return false;
	});
	return first < 0 ? [] : tokens.slice(first);
}

const errorCode = z
	.unknown()
	.optional()
	.transform((code) => (typeof code === 'string' || typeof code === 'number' ? String(code) : ''));
const errorObject = z.looseObject({
	message: z.string().nullish(),
	param: z.string().nullish(),
	type: z.string().nullish(),
	code: errorCode,
});
const errorSchema = z.union([
	z.looseObject({ error: z.union([z.string(), errorObject]) }).transform(({ error }) => error),
	errorObject.extend({ object: z.literal('error') }),
]);

/** What a server says of a failure. */
export interface ServerError {
	readonly message: string;
	readonly param: string;
	readonly code: string;
}

/** Returns the message, parameter and code of an error's body; other bodies are their own message. */
export function readError(body: string): ServerError {
	return errorIn(parseJson(body)) ?? { message: beginningOfText(body), param: '', code: '' };
}

/** A body that breaks off may still spell its characters as JSON does. */
function beginningOfText(body: string): string {
	const spelledOut = body.replaceAll(/\\u([0-9a-f]{4})/giu, (_, code: string) =>
		String.fromCharCode(Number.parseInt(code, 16)),
	);
	return spelledOut.replaceAll(/\s+/gu, ' ').trim().slice(0, 300);
}

function errorIn(value: unknown): ServerError | null {
	const parsed = errorSchema.safeParse(value);
	if (!parsed.success) return null;
	if (typeof parsed.data === 'string') return { message: parsed.data, param: '', code: '' };
	const { message, param, type, code } = parsed.data;
	return { message: message ?? '', param: param ?? '', code: code === '' ? (type ?? '') : code };
}

/**
 * Returns the error that an answer with status 200 holds in place of a completion, or instead of its choice, with the
 * status it should have had; null where it holds none.
 */
export function errorWithin(answer: unknown): (ServerError & { readonly status: number }) | null {
	const choices = z.looseObject({ choices: z.array(z.unknown()).min(1) }).safeParse(answer);
	const error = errorIn(choices.success ? choices.data.choices[0] : answer);
	return error === null ? null : { ...error, status: statusOf(error) };
}

function statusOf({ message, code }: ServerError): number {
	if (/^[45]\d\d$/u.test(code)) return Number(code);
	const said = `${code} ${message}`;
	if (/insufficient_quota|rate.?limit|too many requests|quota/iu.test(said)) return 429;
	if (/invalid_api_key|authentication|unauthori[sz]ed/iu.test(said)) return 401;
	if (/context_length|context length|maximum context|content_filter|content_policy|invalid_request/iu.test(said))
		return 400;
	return /model_not_found/iu.test(said) ? 404 : 500;
}

/** Returns the value of a JSON text, undefined where it is none. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}
