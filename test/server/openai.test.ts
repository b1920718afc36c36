/** The bundled model behind the OpenAI protocol, asked over a socket; its answers against the engine's own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { datasetNamed } from '../../src/datasets/datasets.ts';
import type { ChatMessage, LanguageModel } from '../../src/llm/languageModel.ts';
import { openModel } from '../../src/llm/openModel.ts';
import { classificationPrompt } from '../../src/prompts/classification.ts';
import { unboundPrompt } from '../../src/prompts/unbound.ts';
import { openAiApp } from '../../src/server/openai/app.ts';
import { listen, type RunningServer } from '../../src/server/openai/serve.ts';

const dataset = datasetNamed('planted-bios', 'test');
const examples = dataset.load('test', { limit: 3, seed: 1 });
const messages = examples.map((example) => classificationPrompt.messages(dataset.task, example));
const [turns = []] = messages;

let model: LanguageModel;
let server: RunningServer;
const failures: unknown[] = [];
beforeAll(async () => {
	model = await openModel('tiny-instruct');
	const app = openAiApp({
		...{ model, host: '127.0.0.1', apiKey: 'secret', mostWaiting: 10, now: () => 1000 },
		...{ stopping: new AbortController().signal, onFailure: (error) => failures.push(error) },
	});
	server = await listen(app, '127.0.0.1', 0);
});
afterAll(async () => {
	await server.close();
	await model.close();
});

const headers = { authorization: 'Bearer secret', 'content-type': 'application/json' };
// oxlint-disable-next-line typescript/no-explicit-any -- answers are compared, not used
async function post(path: string, body: object): Promise<{ status: number; body: any; text: string }> {
	const request = { method: 'POST', headers, body: JSON.stringify({ model: 'tiny-instruct', ...body }) };
	const response = await fetch(`${server.url}/v1${path}`, request);
	const text = await response.text();
	return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : null, text };
}
const chat = (body: object) => post('/chat/completions', body);

async function greedy(conversation: readonly ChatMessage[], maxNewTokens: number): Promise<string> {
	const { ids } = await model.encode(model.renderChat(conversation));
	const [generated] = await model.generate([ids], { maxNewTokens });
	return await model.decode(generated?.ids ?? []);
}

describe('chat', () => {
	it('answers at temperature 0 what the model generates', async () => {
		const listing = unboundPrompt.messages(dataset.task, examples[0] as never, 'nurse');
		const { status, body } = await chat({ messages: listing, temperature: 0, max_tokens: 40 });
		expect(status).toBe(200);
		expect(body).toMatchObject({ object: 'chat.completion', model: 'tiny-instruct', created: 1 });
		expect(body.choices[0]).toMatchObject({ index: 0, finish_reason: 'stop', logprobs: null });
		expect(body.choices[0].message).toEqual({
			role: 'assistant',
			content: await greedy(listing, 40),
			refusal: null,
		});
		const { ids } = await model.encode(model.renderChat(listing));
		expect(body.usage.prompt_tokens).toBe(ids.length);
		expect(body.usage.total_tokens).toBe(ids.length + body.usage.completion_tokens);
	});

	it('gives the log-probabilities of the labels', async () => {
		const ids = (await model.encode(model.renderChat(turns))).ids;
		const labels = await Promise.all(dataset.task.labels.map(async (label) => (await model.encode(label)).ids));
		const [scores] = await model.scoreLabels([ids], labels);
		const { body } = await chat({ messages: turns, temperature: 0, max_tokens: 1, logprobs: true, top_logprobs: 20 });
		const [first] = body.choices[0].logprobs.content;
		expect(first.top_logprobs).toHaveLength(20);
		expect(first.token).toBe(first.top_logprobs[0].token);
		expect(Buffer.from(first.bytes).toString()).toBe(first.token);
		const best =
			dataset.task.labels[scores?.logProbabilities.indexOf(Math.max(...(scores?.logProbabilities ?? []))) ?? -1];
		expect(best?.startsWith(first.token)).toBe(true);
		expect(first.logprob).toBeCloseTo(Math.max(...(scores?.logProbabilities ?? [])), 4);
	});

	it('streams the same answer, token by token', async () => {
		const request = { messages: turns, temperature: 0, max_tokens: 6, logprobs: true, top_logprobs: 2 };
		const { body } = await chat(request);
		const { text } = await chat({ ...request, stream: true, stream_options: { include_usage: true } });
		const lines = text.split('\n').filter((line) => line.startsWith('data: '));
		expect(lines.at(-1)).toBe('data: [DONE]');
		const chunks = lines.slice(0, -1).map((line) => JSON.parse(line.slice(6)));
		expect(chunks.every(({ object }) => object === 'chat.completion.chunk')).toBe(true);
		expect(chunks[0].choices[0].delta.role).toBe('assistant');
		expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(body.choices[0].message.content);
		expect(chunks.flatMap(({ choices }) => choices[0]?.logprobs?.content ?? [])).toEqual(
			body.choices[0].logprobs.content,
		);
		expect(chunks.at(-2).choices[0].finish_reason).toBe(body.choices[0].finish_reason);
		expect(chunks.at(-1)).toMatchObject({ choices: [], usage: body.usage });
	});

	it('draws the same answer again for the same seed', async () => {
		const draw = async (seed: number): Promise<string> =>
			(await post('/completions', { prompt: 'The', temperature: 2, seed, max_tokens: 12 })).body.choices[0].text;
		expect(await draw(3)).toBe(await draw(3));
		expect(new Set([await draw(1), await draw(2), await draw(3)]).size).toBeGreaterThan(1);
	});

	it('ends before a stop text, streamed or not', async () => {
		const listing = unboundPrompt.messages(dataset.task, examples[0] as never, 'nurse');
		const whole = await greedy(listing, 40);
		const stop = whole.slice(3, 6);
		const request = { messages: listing, temperature: 0, max_tokens: 40, stop: [stop] };
		const { body } = await chat(request);
		expect(body.choices[0].message.content).toBe(whole.slice(0, whole.indexOf(stop)));
		expect(body.choices[0].finish_reason).toBe('stop');
		const { text } = await chat({ ...request, stream: true });
		const pieces = [...text.matchAll(/^data: (\{.*)$/gmu)].map(([, json = '']) => JSON.parse(json));
		expect(pieces.map(({ choices }) => choices[0].delta.content ?? '').join('')).toBe(body.choices[0].message.content);
	});

	it('says that the answer was cut', async () => {
		const listing = unboundPrompt.messages(dataset.task, examples[0] as never, 'nurse');
		const { body } = await chat({ messages: listing, temperature: 0, max_tokens: 2 });
		expect(body.choices[0].finish_reason).toBe('length');
		expect(body.usage.completion_tokens).toBe(2);
	});

	it('answers in a given form', async () => {
		const format = (properties: object) => ({
			type: 'json_schema',
			json_schema: { name: 'answer', strict: true, schema: { type: 'object', properties } },
		});
		const label = format({ label: { type: 'string', enum: [...dataset.task.labels] } });
		const one = await chat({ messages: turns, temperature: 0, response_format: label });
		expect(dataset.task.labels).toContain(JSON.parse(one.body.choices[0].message.content).label);
		const unsaid = await chat({ messages: turns, response_format: label });
		expect(unsaid.body.choices).toEqual(one.body.choices);
		const drawn = await chat({ messages: turns, temperature: 0.5, response_format: label });
		expect([drawn.status, drawn.body.error.param]).toEqual([400, 'temperature']);
		const words = format({ words: { type: 'array', items: { type: 'string', enum: ['He', 'hip'] }, maxItems: 3 } });
		const list = await chat({ messages: turns, temperature: 0, response_format: words });
		const found: string[] = JSON.parse(list.body.choices[0].message.content).words;
		expect(found.length).toBeGreaterThan(0);
		expect(found.filter((word) => word !== 'He' && word !== 'hip')).toEqual([]);
	});
});

describe('completions', () => {
	it('continue a text or tokens', async () => {
		const header = model.renderChat(turns);
		const { ids } = await model.encode(header);
		const request = { temperature: 0, max_tokens: 3, logprobs: 2 };
		const { body } = await post('/completions', { ...request, prompt: header });
		expect(body.object).toBe('text_completion');
		expect(body.choices[0].text).toBe(await greedy(turns, 3));
		const { tokens, token_logprobs: own, top_logprobs: best, text_offset: offsets } = body.choices[0].logprobs;
		expect(tokens.join('')).toBe(body.choices[0].text);
		expect(best[0][tokens[0]]).toBe(own[0]);
		expect(offsets[0]).toBe(0);
		const fromIds = await post('/completions', { ...request, prompt: [...ids] });
		expect(fromIds.body.choices).toEqual(body.choices);
	});
});

describe('refusals have the form of OpenAI', () => {
	const content = 'He runs a small practice.';
	const say = (text: string) => [{ role: 'user', content: text }];
	it.each([
		['another model', { model: 'gpt-4', messages: say(content) }, 404, 'model', 'model_not_found'],
		['no messages', { messages: [] }, 400, 'messages', 'invalid_value'],
		[
			'an unknown parameter',
			{ messages: say(content), guided_choice: ['a'] },
			400,
			'guided_choice',
			'unknown_parameter',
		],
		['two answers', { messages: say(content), n: 2 }, 400, 'n', 'invalid_value'],
		[
			'an image',
			{ messages: [{ role: 'user', content: [{ type: 'image_url' }] }] },
			400,
			'messages.0.content',
			'invalid_value',
		],
		['a prompt that is too long', { messages: say(content.repeat(400)) }, 400, 'messages', 'context_length_exceeded'],
		[
			'a stream of an answer to a prompt that is too long',
			{ messages: say(content.repeat(400)), stream: true },
			...([400, 'messages', 'context_length_exceeded'] as const),
		],
		['tools', { messages: say(content), tools: [{}] }, 400, 'tools', 'invalid_value'],
		[
			'most probable tokens without log-probabilities',
			{ messages: say(content), top_logprobs: 3 },
			...([400, 'top_logprobs', 'invalid_value'] as const),
		],
		[
			'a schema that is not supported',
			{
				messages: say(content),
				temperature: 0,
				response_format: { type: 'json_schema', json_schema: { schema: { type: 'string' } } },
			},
			...([400, 'response_format', 'unsupported_schema'] as const),
		],
	])('%s', async (_, body, status, param, code) => {
		const answer = await chat(body);
		expect(answer.status).toBe(status);
		expect(answer.body.error).toEqual({ message: expect.any(String), type: 'invalid_request_error', param, code });
	});

	it('control tokens, bodies that are no JSON, unknown paths, wrong keys', async () => {
		const control = await chat({ messages: say(`a ${model.specialTokens[0]} b`) });
		expect(control.body.error.message).toContain('control token');
		const broken = await fetch(`${server.url}/v1/chat/completions`, { method: 'POST', headers, body: '{"model":' });
		expect([broken.status, await broken.json()]).toMatchObject([400, { error: { message: 'The body is not JSON.' } }]);
		const unknown = await fetch(`${server.url}/v1/embeddings`, { method: 'POST', headers, body: '{}' });
		expect(unknown.status).toBe(404);
		const stranger = await fetch(`${server.url}/v1/models`, { headers: { authorization: 'Bearer wrong' } });
		expect([stranger.status, await stranger.json()]).toMatchObject([401, { error: { code: 'invalid_api_key' } }]);
		const models = await fetch(`${server.url}/v1/models`, { headers });
		expect(await models.json()).toMatchObject({ data: [{ id: 'tiny-instruct', object: 'model' }] });
	});
});

it('failed nowhere on its own account', () => {
	expect(failures).toEqual([]);
});
