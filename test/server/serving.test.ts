/** Who may ask the server, and what becomes of requests whose clients leave; the model is played. */
import { once } from 'node:events';
import http from 'node:http';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { GenerationWatch, LanguageModel } from '../../src/llm/languageModel.ts';
import { engineCrash } from '../../src/llm/process/engineCrash.ts';
import { type OpenAiAppOptions, openAiApp } from '../../src/server/openai/app.ts';
import { isLoopback, namesLoopback } from '../../src/server/openai/loopback.ts';
import { listen, type RunningServer } from '../../src/server/openai/serve.ts';
import { createFakeModel } from '../../src/testing/fakeModel.ts';

type Generate = LanguageModel['generate'];

const running: RunningServer[] = [];
afterEach(async () => {
	await Promise.all(running.splice(0).map((server) => server.close()));
});

/** Returns the address of a server, and what it told of failures. */
async function serving(generate: Generate, options: Partial<OpenAiAppOptions> = {}) {
	const failures: unknown[] = [];
	const app = openAiApp({
		...{ model: { ...createFakeModel({ weights: {} }), generate }, host: '127.0.0.1', apiKey: null, mostWaiting: 10 },
		...{ now: () => 1000, stopping: new AbortController().signal, onFailure: (error) => failures.push(error) },
		...options,
	});
	const server = await listen(app, '127.0.0.1', 0);
	running.push(server);
	return { url: server.url, failures };
}

const answerAtOnce: Generate = async () => [{ ids: [0], ended: 'stop' }];
/** An answer that goes on until its signal is aborted. */
const endless = async ({ signal }: GenerationWatch = {}): Promise<never> =>
	await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));

interface Sending {
	readonly body?: unknown;
	readonly path?: string;
	readonly headers?: Record<string, string>;
	readonly signal?: AbortSignal;
}

const json = { 'content-type': 'application/json' };

/** `fetch` sets the host and hides what comes before the body has been sent; this does neither. */
async function send(url: string, { body = {}, path = '/v1/completions', headers = json, signal }: Sending = {}) {
	const request = http.request(url + path, { method: 'POST', agent: false, headers, ...(signal && { signal }) });
	request.end(typeof body === 'object' ? JSON.stringify({ model: 'fake', prompt: 'a word', ...body }) : body);
	return await answerOf(request);
}

async function answerOf(request: http.ClientRequest) {
	const [response] = (await once(request, 'response')) as [http.IncomingMessage];
	let text = '';
	for await (const piece of response.setEncoding('utf8')) text += piece;
	return { status: response.statusCode, headers: response.headers, text };
}

describe('a client that leaves', () => {
	it('ends the computing, and the next one is answered', async () => {
		const signals: AbortSignal[] = [];
		const { url, failures } = await serving(async (_, options, watch) => {
			if (options.maxNewTokens === 1) return [{ ids: [0], ended: 'stop' }];
			signals.push(watch?.signal as AbortSignal);
			return await endless(watch);
		});
		const client = new AbortController();
		const ask = () => send(url, { body: { max_tokens: 900 }, signal: client.signal }).catch(() => 'gone');
		const gone = [ask(), ask(), ask(), ask()];
		await vi.waitFor(() => expect(signals).toHaveLength(1));
		client.abort();
		expect(await Promise.all(gone)).toEqual(['gone', 'gone', 'gone', 'gone']);
		expect((await send(url, { body: { max_tokens: 1 } })).status).toBe(200);
		expect(signals.every(({ aborted }) => aborted)).toBe(true);
		expect(failures).toEqual([]);
	});

	it('ends a stream that has begun', async () => {
		const signals: AbortSignal[] = [];
		const { url, failures } = await serving(async (_, __, watch) => {
			signals.push(watch?.signal as AbortSignal);
			watch?.onToken?.(0, 0, undefined);
			return await endless(watch);
		});
		const request = http.request(`${url}/v1/completions`, { method: 'POST', agent: false, headers: json });
		request.on('error', () => undefined);
		request.end(JSON.stringify({ model: 'fake', prompt: 'word', stream: true }));
		const [response] = (await once(request, 'response')) as [http.IncomingMessage];
		await once(response, 'data');
		request.destroy();
		await vi.waitFor(() => expect(signals[0]?.aborted).toBe(true));
		expect(failures).toEqual([]);
	});
});

it('ends the computing with the token that completes a stop text, and counts the tokens until then', async () => {
	let told = 0;
	const { url } = await serving(async ([prompt = []], { maxNewTokens }, watch) => {
		while (told < maxNewTokens && watch?.signal?.aborted === false) {
			watch.onToken?.(0, prompt[told % prompt.length] as number, undefined);
			told += 1;
			// As between two steps of an engine: others get their turn.
			await new Promise(setImmediate);
		}
		watch?.signal?.throwIfAborted();
		return [{ ids: [], ended: 'length' }];
	});
	const prompt = 'one two three four';
	const { text } = await send(url, { body: { prompt, max_tokens: 900, stop: ['three'] } });
	const { choices, usage } = JSON.parse(text);
	expect(choices[0]).toMatchObject({ text: 'one two ', finish_reason: 'stop' });
	expect(usage.completion_tokens).toBe(3);
	expect(told).toBeLessThan(20);
});

it('refuses further requests where too many wait, and says when to ask again', async () => {
	const { url } = await serving(async (_, __, watch) => await endless(watch), { mostWaiting: 2 });
	const clients = new AbortController();
	const waiting = [1, 2, 3].map(() => send(url, { signal: clients.signal }).catch(() => 'gone'));
	await vi.waitFor(async () => {
		const refused = await send(url, { signal: AbortSignal.timeout(200) });
		expect(refused.status).toBe(429);
		expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
		expect(JSON.parse(refused.text).error).toMatchObject({ type: 'rate_limit_error', code: 'rate_limit_exceeded' });
	});
	clients.abort();
	await Promise.all(waiting);
});

describe('pages of other sites', () => {
	it.each(['localhost', '127.0.0.1', '[::1]', 'LOCALHOST:1'])('the host %s is answered', async (host) => {
		const { url } = await serving(answerAtOnce);
		expect((await send(url, { headers: { ...json, host } })).status).toBe(200);
	});

	it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', 'evil.example:8080', '10.0.0.1'])(
		'the host %s is refused before anything is read',
		async (host) => {
			const { url } = await serving(answerAtOnce);
			expect((await send(url, { headers: { ...json, host } })).status).toBe(403);
			expect((await send(url, { headers: { host }, path: '/health', body: '' })).status).toBe(403);
		},
	);

	it('no name of a domain is one of this machine', () => {
		const port = fc.option(fc.nat(65_535), { nil: undefined });
		fc.assert(
			fc.property(fc.domain(), port, (domain, number) => {
				expect(namesLoopback(number === undefined ? domain : `${domain}:${number}`)).toBe(false);
			}),
		);
		fc.assert(fc.property(fc.ipV4(), (address) => isLoopback(address) === address.startsWith('127.')));
	});

	it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])(
		'content of type "%s" is not read as JSON',
		async (type) => {
			const { url } = await serving(answerAtOnce);
			expect((await send(url, { headers: type === '' ? {} : { 'content-type': type } })).status).toBe(415);
		},
	);

	it('behind another address every name is answered, with the key', async () => {
		const { url } = await serving(answerAtOnce, { host: '0.0.0.0', apiKey: 'k' });
		const headers = { ...json, host: 'my-machine.example' };
		expect((await send(url, { headers })).status).toBe(401);
		expect((await send(url, { headers: { ...headers, authorization: 'Bearer k' } })).status).toBe(200);
	});
});

it.each([
	['Bearer secret', 200],
	['bearer secret', 200],
	['BEARER  secret ', 200],
	['Bearer secret2', 401],
	['Bearer secre', 401],
	['Basic secret', 401],
	['secret', 401],
	['Bearer ', 401],
])('"%s" as authorization gives %d', async (authorization, status) => {
	const { url } = await serving(answerAtOnce, { apiKey: 'secret' });
	expect((await send(url, { headers: { ...json, authorization } })).status).toBe(status);
});

it('tells that the engine ended as something to try again', async () => {
	const crash = async (): Promise<never> => await Promise.reject(engineCrash('SIGKILL', 'generate on 1 texts'));
	const { url, failures } = await serving(crash);
	const { status, headers, text } = await send(url);
	expect([status, headers['retry-after'], JSON.parse(text).error.type]).toEqual([503, '1', 'server_error']);
	expect(failures).toEqual([]);
});

it('refuses a prompt with more bytes than its context can hold without tokenising it', async () => {
	const model = createFakeModel({ weights: {}, contextLength: 100 });
	const encode = vi.fn((text: string) => model.encode(text));
	const long = { ...model, encode, fewestTokens: (text: string) => Math.ceil(text.length / 20) };
	const { url } = await serving(answerAtOnce, { model: long });
	const completion = await send(url, { body: { prompt: 'word '.repeat(500) } });
	const messages = [{ role: 'user', content: 'word '.repeat(500) }];
	const chat = await send(url, { path: '/v1/chat/completions', body: { prompt: undefined, messages } });
	for (const { status, text } of [completion, chat]) {
		expect([status, JSON.parse(text).error.code]).toEqual([400, 'context_length_exceeded']);
	}
	expect(encode).not.toHaveBeenCalled();
});

it.each([
	['with its length', true],
	['in pieces', false],
])('reads what is too large to its end, so that the refusal can be read: %s', async (_, hasLength) => {
	const { url } = await serving(answerAtOnce);
	const piece = Buffer.alloc(100_000, 32);
	const headers = { ...json, ...(hasLength ? { 'content-length': String(100 * piece.length) } : {}) };
	const request = http.request(`${url}/v1/completions`, { method: 'POST', agent: false, headers });
	for (let i = 0; i < 100; i++) request.write(piece);
	request.end();
	const { status, text } = await answerOf(request);
	expect([status, JSON.parse(text).error.type]).toEqual([413, 'invalid_request_error']);
});

it('ends streams with a word when it is stopped, which is no failure', async () => {
	const stop = new AbortController();
	const { url, failures } = await serving(
		async (_, __, watch) => {
			watch?.onToken?.(0, 0, undefined);
			return await new Promise((___, reject) =>
				stop.signal.addEventListener('abort', () => reject(new Error('closed'))),
			);
		},
		{ stopping: stop.signal },
	);
	const streaming = send(url, { body: { stream: true } });
	const whole = send(url);
	const request = await send(url, { path: '/health' });
	expect(request.status).toBe(404);
	stop.abort();
	expect((await streaming).text).toContain('The server is being stopped.');
	expect((await whole).status).toBe(503);
	expect(failures).toEqual([]);
});
