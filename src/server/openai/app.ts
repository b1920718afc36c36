/** A language model behind the OpenAI protocol: `/v1/models`, `/v1/chat/completions`, `/v1/completions`. */
import { type Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { InterruptedError } from '../../core/errors.ts';
import type { LanguageModel } from '../../llm/languageModel.ts';
import { type Admission, jsonOf, readBody, refusalOf } from './admission.ts';
import { chatForm, completionForm } from './answerForms.ts';
import { chatAnswer, textAnswer } from './answerRequests.ts';
import { ApiError, errorBody, toldOf } from './errors.ts';
import { parseChat, parseCompletion } from './requests.ts';
import { respond } from './respond.ts';
import { waitingLine } from './waitingLine.ts';

export interface OpenAiAppOptions extends Admission {
	readonly model: LanguageModel;
	/** Most requests that wait for the one that is computed; further ones are refused. */
	readonly mostWaiting: number;
	/** Milliseconds since 1970. */
	readonly now: () => number;
	/** Aborted when the server is to end: what fails then is no failure. */
	readonly stopping: AbortSignal;
	/** Told of failures that are not the client's. */
	readonly onFailure: (error: unknown) => void;
}

interface Variables {
	/** Aborted when the client has left or the server is to end. */
	readonly client: AbortSignal;
	/** The body as text. */
	readonly body: string;
}

type OpenAiApp = Hono<{ Variables: Variables }>;

/** Returns the application; requests are computed in the order they come. */
export function openAiApp(options: OpenAiAppOptions): OpenAiApp {
	const { model, mostWaiting, now, stopping, onFailure } = options;
	const app: OpenAiApp = new Hono();
	const told = (error: unknown, client: AbortSignal): ApiError => {
		if (stopping.aborted) return new ApiError(503, 'The server is being stopped.');
		const refusal = toldOf(error);
		// Nobody waits for what fails once the client has left.
		if (refusal.status === 500 && !client.aborted) onFailure(error);
		return refusal;
	};
	const service = { model, line: waitingLine(mostWaiting, now), now, told };
	app.use(async (context, next) => {
		context.set('client', AbortSignal.any([leaving(context.req.raw.signal), stopping]));
		context.set('body', await readBody(context.req.raw, refusalOf(context.req, options)));
		await next();
	});
	app.get('/health', (context) => context.json({ status: 'ok' }));
	app.get('/v1/models', (context) => context.json({ object: 'list', data: [modelObject(model)] }));
	app.get('/v1/models/:id{.+}', (context) => {
		requireModel(model, context.req.param('id'));
		return context.json(modelObject(model));
	});
	app.post('/v1/chat/completions', async (context) => {
		const asked = parseChat(jsonOf(context.req, context.var.body));
		requireModel(model, asked.model);
		const prepare = () => chatAnswer(model, asked, context.var.client);
		const withLogprobs = asked.logprobs === true;
		return await respond({ ...service, form: chatForm, asked, withLogprobs, prepare }, context);
	});
	app.post('/v1/completions', async (context) => {
		const asked = parseCompletion(jsonOf(context.req, context.var.body));
		requireModel(model, asked.model);
		const prepare = () => textAnswer(model, asked);
		const withLogprobs = asked.logprobs != null;
		return await respond({ ...service, form: completionForm, asked, withLogprobs, prepare }, context);
	});
	app.notFound((context) =>
		failed(context, new ApiError(404, `There is no ${context.req.method} ${context.req.path}.`)),
	);
	app.onError((error, context) => failed(context, told(error, context.var.client)));
	return app;
}

/** The server of sockets gives texts as reasons; only errors are handled as such. */
function leaving(connection: AbortSignal): AbortSignal {
	const controller = new AbortController();
	const leave = (): void => controller.abort(new InterruptedError('The client has left.'));
	if (connection.aborted) leave();
	else connection.addEventListener('abort', leave, { once: true });
	return controller.signal;
}

function failed(context: Context, refusal: ApiError): Response {
	const headers = refusal.retryAfter === null ? {} : { 'retry-after': String(refusal.retryAfter) };
	return context.json(errorBody(refusal), refusal.status satisfies ContentfulStatusCode, headers);
}

function modelObject({ id }: LanguageModel): object {
	return { id, object: 'model', created: 0, owned_by: 'llm-rationale' };
}

function requireModel({ id }: LanguageModel, asked: string): void {
	if (asked === id) return;
	throw new ApiError(404, `The model "${asked}" does not exist; this server has "${id}".`, 'model', 'model_not_found');
}
