/** A language model behind the OpenAI protocol: `/v1/models`, `/v1/chat/completions`, `/v1/completions`. */
import { randomInt, randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { streamSSE } from 'hono/streaming';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ChatMessage, GenerationOptions, LanguageModel } from '../../llm/languageModel.ts';
import { type AnswerForm, type AnswerHead, chatForm, completionForm } from './answerForms.ts';
import { type AnswerRequest, answer, requireRoom } from './complete.ts';
import { ApiError, errorAnswer } from './errors.ts';
import { type ChatRequest, type CompletionRequest, parseChat, parseCompletion } from './requests.ts';
import { constraintOf } from './structured.ts';

export interface OpenAiAppOptions {
	readonly model: LanguageModel;
	/** What clients must send as `Authorization: Bearer KEY`; null where anybody may ask. */
	readonly apiKey: string | null;
	/** Seconds since 1970. */
	readonly now: () => number;
	/** Told of failures that are not the client's. */
	readonly onFailure: (error: unknown) => void;
}

const largestBody = 4 * 2 ** 20;
/** Longest chat answer where the client does not say, in tokens. */
const longestChatAnswer = 2048;
/** As in the OpenAI API. */
const longestCompletion = 16;

/** Returns the application; requests are computed in the order they come. */
export function openAiApp(options: OpenAiAppOptions): Hono {
	const { model } = options;
	const app = new Hono();
	const tooLarge = (): never => {
		throw new ApiError(413, `The request is larger than ${largestBody} bytes.`);
	};
	app.use('/v1/*', bodyLimit({ maxSize: largestBody, onError: tooLarge }));
	app.use('/v1/*', async (context, next) => {
		const { apiKey } = options;
		if (apiKey === null || context.req.header('authorization') === `Bearer ${apiKey}`) return await next();
		throw new ApiError(401, 'Incorrect API key provided.', null, 'invalid_api_key');
	});
	app.get('/health', (context) => context.json({ status: 'ok' }));
	app.get('/v1/models', (context) => context.json({ object: 'list', data: [modelObject(model)] }));
	app.get('/v1/models/:id{.+}', (context) => {
		requireModel(model, context.req.param('id'));
		return context.json(modelObject(model));
	});
	app.post('/v1/chat/completions', async (context) => {
		const asked = parseChat(await bodyOf(context));
		requireModel(model, asked.model);
		return await respond(options, context, chatForm, asked, await chatAnswer(model, asked), asked.logprobs === true);
	});
	app.post('/v1/completions', async (context) => {
		const asked = parseCompletion(await bodyOf(context));
		requireModel(model, asked.model);
		const withLogprobs = asked.logprobs != null;
		return await respond(options, context, completionForm, asked, await textAnswer(model, asked), withLogprobs);
	});
	app.notFound((context) =>
		failed(context, new ApiError(404, `There is no ${context.req.method} ${context.req.path}.`)),
	);
	app.onError((error, context) => {
		if (errorAnswer(error).status === 500) options.onFailure(error);
		return failed(context, error);
	});
	return app;
}

function failed(context: Context, error: unknown): Response {
	const { status, body } = errorAnswer(error);
	return context.json(body, status satisfies ContentfulStatusCode);
}

async function bodyOf(context: Context): Promise<unknown> {
	return await context.req.json<unknown>().catch((error: unknown) => {
		if (error instanceof ApiError) throw error;
		throw new ApiError(400, 'The body is not JSON.');
	});
}

function modelObject({ id }: LanguageModel): object {
	return { id, object: 'model', created: 0, owned_by: 'llm-rationale' };
}

function requireModel({ id }: LanguageModel, asked: string): void {
	if (asked === id) return;
	throw new ApiError(404, `The model "${asked}" does not exist; this server has "${id}".`, 'model', 'model_not_found');
}

async function chatAnswer(model: LanguageModel, asked: ChatRequest): Promise<AnswerRequest> {
	const messages = asked.messages.map(({ role, content }): ChatMessage => {
		refuseControl(role === 'assistant' ? model.specialTokens : model.controlTokens, content);
		return { role: role === 'developer' ? 'system' : role, content };
	});
	const header = model.renderChat(messages);
	const { ids: prompt } = await model.encode(header);
	const limit = asked.max_completion_tokens ?? asked.max_tokens;
	const room = Math.max(1, Math.min(longestChatAnswer, model.contextLength - prompt.length));
	const constraint = await constraintOf(model, header, asked.response_format);
	const alternatives = asked.logprobs === true ? (asked.top_logprobs ?? 0) : undefined;
	if (constraint !== undefined && (asked.temperature ?? 0) > 0) {
		throw new ApiError(400, 'With a schema only temperature 0 is supported.', 'temperature');
	}
	const chosen = constraint === undefined ? asked : { ...asked, temperature: 0 };
	const form = constraint === undefined ? {} : { constraints: [constraint] };
	return {
		prompt,
		options: { maxNewTokens: limit ?? room, ...optionsOf(chosen, alternatives), ...form },
		stop: stopOf(asked),
	};
}

async function textAnswer(model: LanguageModel, asked: CompletionRequest): Promise<AnswerRequest> {
	const given = asked.prompt;
	const first = typeof given === 'string' ? given : given.every((item) => typeof item === 'number') ? given : given[0];
	const prompt = typeof first === 'string' ? (await model.encode(first)).ids : (first ?? []);
	if (prompt.length === 0) throw new ApiError(400, 'The prompt is empty.', 'prompt');
	const options = {
		maxNewTokens: asked.max_tokens ?? longestCompletion,
		...optionsOf(asked, asked.logprobs ?? undefined),
	};
	return { prompt, options, stop: stopOf(asked) };
}

/**
 * A control token in a text would end its turn. What the model itself said comes back in the assistant's turns, with its thought
 * between tokens that are not special.
 */
function refuseControl(tokens: readonly string[], content: string): void {
	const token = tokens.find((special) => special !== '' && content.includes(special));
	if (token === undefined) return;
	throw new ApiError(
		400,
		`A message contains ${JSON.stringify(token)}, which this model reads as a control token.`,
		'messages',
	);
}

type Asked = ChatRequest | CompletionRequest;

function optionsOf(asked: Asked, alternatives: number | undefined): Omit<GenerationOptions, 'maxNewTokens'> {
	return { ...samplingOf(asked), ...(alternatives === undefined ? {} : { alternatives }) };
}

function samplingOf({ temperature, top_p: topP, seed }: Asked): Pick<GenerationOptions, 'sampling'> {
	if ((temperature ?? 1) === 0) return {};
	return { sampling: { temperature: temperature ?? 1, topP: topP ?? 1, seed: seed ?? randomInt(2 ** 32) } };
}

function stopOf({ stop }: Asked): string[] {
	return stop == null ? [] : [stop].flat();
}

async function respond(
	{ model, now, onFailure }: OpenAiAppOptions,
	context: Context,
	form: AnswerForm,
	asked: Asked,
	request: AnswerRequest,
	withLogprobs: boolean,
): Promise<Response> {
	// Before a stream begins: after that, no status can say it.
	requireRoom(model, request);
	const head = headOf(model, now, form === chatForm ? 'chatcmpl' : 'cmpl');
	if (asked.stream !== true) return context.json(form.whole(head, await answer(model, request), withLogprobs));
	return streamSSE(
		context,
		async (stream) => {
			let writing = Promise.resolve();
			let isFirst = true;
			const send = (chunk: object): void => {
				writing = writing.then(() => stream.writeSSE({ data: JSON.stringify(chunk) }));
			};
			const found = await answer(model, request, (piece) => {
				send(form.chunk(head, piece, null, withLogprobs, isFirst));
				isFirst = false;
			});
			send(form.chunk(head, { text: '', tokens: [] }, found.finish, withLogprobs, isFirst));
			if (asked.stream_options?.include_usage === true) send(form.usageChunk(head, found));
			await writing;
			await stream.writeSSE({ data: '[DONE]' });
		},
		async (error, stream) => {
			if (errorAnswer(error).status === 500) onFailure(error);
			await stream.writeSSE({ data: JSON.stringify(errorAnswer(error).body) });
		},
	);
}

function headOf({ id, identity }: LanguageModel, now: () => number, prefix: string): AnswerHead {
	return { id: `${prefix}-${randomUUID()}`, created: now(), model: id, system_fingerprint: identity };
}
