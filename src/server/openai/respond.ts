/** One request from its turn to the last byte of its answer, whole or as a stream. */
import { randomUUID } from 'node:crypto';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { LanguageModel } from '../../llm/languageModel.ts';
import type { AnswerForm, AnswerHead } from './answerForms.ts';
import { chatForm } from './answerForms.ts';
import { type AnswerRequest, answer, requireRoom } from './complete.ts';
import { type ApiError, errorBody } from './errors.ts';
import type { ChatRequest, CompletionRequest } from './requests.ts';
import type { WaitingLine } from './waitingLine.ts';

export interface Responding {
	readonly model: LanguageModel;
	readonly line: WaitingLine;
	/** Milliseconds since 1970. */
	readonly now: () => number;
	/** Returns what a client is told of a failure. */
	readonly told: (error: unknown, client: AbortSignal) => ApiError;
	readonly form: AnswerForm;
	readonly asked: ChatRequest | CompletionRequest;
	readonly withLogprobs: boolean;
	/** Returns what the model is asked, once it is this request's turn: long texts take time to tokenise. */
	readonly prepare: () => Promise<AnswerRequest>;
}

/** Returns the answer. Throws what refuses the request; once a stream has begun, the stream tells it. */
export async function respond(responding: Responding, context: Context): Promise<Response> {
	const { model, line, form, asked, withLogprobs, prepare } = responding;
	const client: AbortSignal = context.var.client;
	const endTurn = await line.turn(client);
	let isStreaming = false;
	try {
		const request = await prepare();
		// Before a stream begins: after that, no status can say it.
		requireRoom(model, request);
		const head = headOf(responding);
		if (asked.stream !== true)
			return context.json(form.whole(head, await answer(model, request, client), withLogprobs));
		isStreaming = true;
		return streamed(responding, context, { head, request, endTurn });
	} finally {
		if (!isStreaming) endTurn();
	}
}

interface Streaming {
	readonly head: AnswerHead;
	readonly request: AnswerRequest;
	readonly endTurn: () => void;
}

function streamed(
	{ model, form, asked, withLogprobs, told }: Responding,
	context: Context,
	{ head, request, endTurn }: Streaming,
): Response {
	const client: AbortSignal = context.var.client;
	return streamSSE(context, async (stream) => {
		let writing = Promise.resolve();
		let isFirst = true;
		const write = (data: string): void => {
			writing = writing.then(() => stream.writeSSE({ data }));
		};
		const send = (chunk: object): void => write(JSON.stringify(chunk));
		try {
			const found = await answer(model, request, client, (piece) => {
				send(form.chunk(head, piece, null, withLogprobs, isFirst));
				isFirst = false;
			});
			send(form.chunk(head, { text: '', tokens: [] }, found.finish, withLogprobs, isFirst));
			if (asked.stream_options?.include_usage === true) send(form.usageChunk(head, found));
			write('[DONE]');
		} catch (error) {
			send(errorBody(told(error, client)));
		} finally {
			endTurn();
		}
		await writing;
	});
}

function headOf({ model: { id, identity }, form, now }: Responding): AnswerHead {
	const prefix = form === chatForm ? 'chatcmpl' : 'cmpl';
	return {
		id: `${prefix}-${randomUUID()}`,
		created: Math.floor(now() / 1000),
		model: id,
		system_fingerprint: identity,
	};
}
