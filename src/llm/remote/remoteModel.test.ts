import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
	type ApiServer,
	type AskedBody,
	refusing,
	type Reply,
	saying,
	startApi,
} from '../../../test/support/apiServer.ts';
import { UserError } from '../../core/errors.ts';
import { defaultRetryPolicy } from '../../network/request.ts';
import type { LanguageModel, ScoringOptions } from '../languageModel.ts';
import { type ApiSettings, apiSchema } from './apiSettings.ts';
import { characters, Pieces, renderTurns, turnsOf } from './chatText.ts';
import { type ApiModel, apiModel } from './openApiModel.ts';

let folder: string;
let server: ApiServer | undefined;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'answers-'));
});
afterEach(async () => {
	await server?.close();
	rmSync(folder, { recursive: true });
});

type Handler = (body: AskedBody) => Reply;

async function served(reply: Handler, settings: Partial<ApiSettings> = {}): Promise<ApiModel> {
	server = await startApi(reply);
	const retryPolicy = { ...defaultRetryPolicy, firstWait: 1, longestWait: 1 };
	const environment = { baseUrl: server.baseUrl, apiKey: null, cacheFolder: folder, retryPolicy };
	return apiModel('openai:m', { ...apiSchema.parse({}), retries: 1, ...settings }, environment);
}

const isAbout = ({ messages }: AskedBody, text: string): boolean =>
	messages.some(({ content }) => content.includes(text));

/** A server with all capabilities that answers the questions of the probe. */
const capable =
	(reply: Handler): Handler =>
	(body) => {
		if (isAbout(body, 'Is water wet?')) return saying('yes', [{ yes: 0.9, no: 0.1 }]);
		if (isAbout(body, 'Name a colour.')) return saying('{"colour": "quilted zebra"}');
		return reply(body);
	};

async function scoresFor(model: LanguageModel, text: string, options: ScoringOptions = {}) {
	const prompt = model.renderChat([
		{ role: 'system', content: 'Is it liked?' },
		{ role: 'user', content: text },
	]);
	const labels = await Promise.all(['positive', 'negative'].map(async (label) => (await model.encode(label)).ids));
	const [scores] = await model.scoreLabels([(await model.encode(prompt)).ids], labels, options);
	return scores;
}

it('is put together again from its pieces, and into turns', () => {
	const pieces = new Pieces();
	const messages = [
		{ role: 'system', content: 'Say “yes”,\n or no: ' },
		{ role: 'user', content: 'Text: naïve café-owner 😀  (two spaces)' },
	] as const;
	const text = renderTurns(messages);
	const { ids, spans } = pieces.encode(text);
	expect(pieces.decode(ids)).toBe(text);
	expect(spans.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
	expect(turnsOf(pieces.decode(ids))).toEqual(messages);
	expect(pieces.encode(' ').ids).toHaveLength(1);
	expect(new Pieces().encode(`x ${text}`).ids.slice(-5)).toEqual(ids.slice(-5));
	expect(new Pieces().decode(characters(text))).toBe(text);
	expect(pieces.encode(' hip, hip').spans.map(({ start, end }) => [start, end])).toEqual([
		[0, 4],
		[4, 5],
		[5, 9],
	]);
});

describe('the probe', () => {
	const needs = async (reply: Handler, settings: Partial<ApiSettings> = {}): Promise<[string[], string]> => {
		const api = await served(reply, settings);
		const model = await api.open();
		const found = [...model.capabilities].filter((need) => need !== 'annotations' && need !== 'nothing');
		return [found, await api.describe()];
	};

	it('finds log-probabilities and schemas', async () => {
		const [found, description] = await needs(capable(() => saying('')));
		expect(found).toEqual(['generation', 'labelScores', 'constrainedGeneration']);
		expect(description).toMatch(
			/^m behind http:\/\/127\.0\.0\.1:\d+\/v1: labels by the log-probabilities .* \(the 20 most/u,
		);
		expect(server?.asked[0]).toMatchObject({ max_tokens: 4, temperature: 0, top_logprobs: 20 });
	});

	it('believes what the server does, not its status', async () => {
		const [found, description] = await needs(() => saying('yes, of course'));
		expect(found).toEqual(['generation']);
		expect(description).toContain('labels read from a free answer');
	});

	it('does without what the server refuses', async () => {
		const strictServer: Handler = (body) => {
			if (body.max_tokens !== undefined)
				return refusing(400, "Use 'max_completion_tokens' instead.", { param: 'max_tokens' });
			if (body.temperature !== undefined)
				return refusing(400, "'temperature' does not support 0.", { param: 'temperature' });
			if ((body.top_logprobs ?? 0) > 5) return refusing(400, 'top_logprobs must be at most 5');
			if (body.seed !== undefined) return refusing(400, 'extra inputs are not permitted');
			return capable(() => saying(''))(body);
		};
		const [found, description] = await needs(strictServer);
		expect(found).toContain('labelScores');
		expect(description).toMatch(/the 5 most probable .* its temperature cannot be set/u);
		expect(server?.asked.at(-1)).toMatchObject({ max_completion_tokens: 30 });
	});

	it('asks once, and says what it found without asking', async () => {
		const api = await served(capable(() => saying('')));
		expect(await api.describe()).toContain('not asked yet');
		await (await api.open()).close();
		const count = server?.asked.length;
		await (await api.open()).close();
		expect(server?.asked.length).toBe(count);
		expect(await api.describe()).toContain('answers can be restricted');
	});

	it('names a model that does not exist, and a way that is not possible', async () => {
		const unknown = await served(() => refusing(404, 'The model `m` does not exist.', { code: 'model_not_found' }));
		await expect(unknown.open()).rejects.toThrow(/refuses a plain request .* The model `m` does not exist/u);
		await server?.close();
		const plain = await served(() => saying('yes'), { classify: 'constrained' });
		await expect(plain.open()).rejects.toThrow('It can by: answer.');
	});
});

describe('labels', () => {
	it('are scored by first tokens, with the mass they have', async () => {
		const model = await (await served(capable(() => saying('pos', [{ pos: 0.6, neg: 0.2, The: 0.1 }])))).open();
		const scores = await scoresFor(model, 'A good film.');
		expect(scores?.logProbabilities).toEqual([Math.log(0.6), Math.log(0.2)]);
		expect(scores?.mass).toBeCloseTo(0.8, 9);
		expect(server?.asked.at(-1)).toMatchObject({
			messages: [
				{ role: 'system', content: 'Is it liked?' },
				{ role: 'user', content: 'A good film.' },
			],
			max_tokens: 1,
		});
	});

	it('are found behind tokens without text, which some models begin with', async () => {
		const blank = { '\n': 0.9, pos: 0.05, neg: 0.02 };
		const reply: Handler = ({ max_tokens: most = 0 }) =>
			most === 1
				? saying('\n', [blank], { finish_reason: 'length' })
				: saying('\npos', [blank, { pos: 0.7, neg: 0.3 }]);
		const model = await (await served(capable(reply))).open();
		const scores = await scoresFor(model, 'A good film.');
		expect(scores?.logProbabilities.map((value) => Number(Math.exp(value).toFixed(9)))).toEqual([0.68, 0.29]);
	});

	it('are not looked for in a thought', async () => {
		const reply = (): Reply => saying('<think>', [{ '<think>': 1 }], { finish_reason: 'length' });
		const model = await (await served(capable(reply))).open();
		expect((await scoresFor(model, 'A good film.'))?.problem).toMatchObject({
			kind: 'unfinished_thought',
			detail: expect.stringContaining('no answer: the thought did not end'),
		});
	});

	it('are found behind a thought, which is handed out, where there is room for one', async () => {
		const thought = ['<think>', 'so ', 'bad', '</think>', '\n\n'].map((token) => ({ [token]: 1 }));
		const reply: Handler = ({ max_tokens: most = 0 }) =>
			most < 30
				? saying('<think>so ', thought.slice(0, 2), { finish_reason: 'length' })
				: saying('<think>so bad</think>\n\nneg', [...thought, { neg: 0.8, pos: 0.1 }]);
		const model = await (await served(capable(reply))).open();
		const scores = await scoresFor(model, 'A bad film.', { reasoning: { tokens: 30, isOpened: false } });
		expect(scores?.thought).toEqual({ text: 'so bad' });
		expect(scores?.logProbabilities.map((value) => Number(Math.exp(value).toFixed(9)))).toEqual([0.1, 0.8]);
		expect(server?.asked.at(-1)?.max_tokens).toBe(31);
		const cut = await scoresFor(model, 'A bad film.', { reasoning: { tokens: 9, isOpened: false } });
		expect(cut?.problem).toMatchObject({ kind: 'unfinished_thought' });
	});

	it('of a null log-probability have none of the probability', async () => {
		const body = saying('pos', [{ pos: 0.9 }]).body as {
			choices: [{ logprobs: { content: [{ top_logprobs: object[] }] } }];
		};
		body.choices[0].logprobs.content[0].top_logprobs.push({ token: 'neg', logprob: null });
		const model = await (await served(capable(() => ({ body })))).open();
		const scores = await scoresFor(model, 'A good film.');
		expect(scores?.logProbabilities.map(Math.exp)).toEqual([0.9, 5e-324].map((p) => expect.closeTo(p, 9)));
		expect(scores?.logProbabilities.every(Number.isFinite)).toBe(true);
		expect(scores?.mass).toBeCloseTo(0.9, 9);
	});

	it('are found behind the beginning of an answer, where the server goes on from it', async () => {
		const plain = await (await served(capable(() => saying('x', [{ x: 1 }])))).open();
		expect(plain.continuesAnswers).toBe(false);
		await server?.close();
		const model = await (
			await served(
				capable(() => saying(' pos', [{ ' pos': 0.7, ' neg': 0.3 }])),
				{ continues: true },
			)
		).open();
		expect(model.continuesAnswers).toBeUndefined();
		const turns = [
			{ role: 'user', content: 'A good film.' },
			{ role: 'assistant', content: 'It is' },
		] as const;
		const prompt = (await model.encode(model.renderChat(turns))).ids;
		const labels = await Promise.all([' positive', ' negative'].map(async (label) => (await model.encode(label)).ids));
		const [scores] = await model.scoreLabels([prompt], labels);
		expect(server?.asked.at(-1)?.messages).toEqual(turns);
		expect(scores?.logProbabilities.map((value) => Number(Math.exp(value).toFixed(9)))).toEqual([0.7, 0.3]);
	});

	it('come with the likeliest first tokens, best first, where these are asked for', async () => {
		const model = await (
			await served(capable(() => saying('pos', [{ The: 0.2, pos: 0.5, neg: 0.1, ' I': 0.15 }])))
		).open();
		const prompt = (await model.encode(model.renderChat([{ role: 'user', content: 'A good film.' }]))).ids;
		const labels = await Promise.all(['positive', 'negative'].map(async (label) => (await model.encode(label)).ids));
		const [scores] = await model.scoreLabels([prompt], labels, { likeliest: 3 });
		expect(scores?.likeliest?.map(({ text }) => text)).toEqual(['pos', 'The', ' I']);
		expect(Math.exp(scores?.likeliest?.[1]?.logProbability ?? 0)).toBeCloseTo(0.2, 9);
	});

	it('are not among the first tokens: told apart from a low score', async () => {
		const model = await (await served(capable(() => saying('I', [{ I: 0.9, The: 0.05 }])))).open();
		expect((await scoresFor(model, 'A good film.'))?.problem).toMatchObject({ kind: 'prose' });
	});

	it.each([
		['a label', '{"label": "negative"}', { chosen: 1 }],
		['a label in prose', 'Negative, I think.', { chosen: 1 }],
		['prose', 'I really cannot say what this is.', { problem: { kind: 'prose' } }],
		['half a JSON', '{"label": "nega', { problem: { kind: 'half_json' } }],
		['another label', '{"label": "mixed"}', { problem: { kind: 'other_label' } }],
		['another word', 'Mixed.', { problem: { kind: 'other_label' } }],
		['nothing', ' ', { problem: { kind: 'nothing' } }],
		['a thought and a label', '<think>\nIt says dull.\n</think>\n\nnegative', { chosen: 1 }],
		['a thought', '<think>\nIt is positive or', { problem: { kind: 'unfinished_thought' } }],
	])('are read from an answer that is %s', async (_, text, expected) => {
		const model = await (
			await served(
				capable(() => saying(text)),
				{ classify: 'constrained' },
			)
		).open();
		const scores = await scoresFor(model, 'A good film.');
		expect(scores).toMatchObject(expected);
		expect(scores?.logProbabilities).toEqual([Number.NaN, Number.NaN]);
		expect(server?.asked.at(-1)?.response_format?.json_schema.schema.properties).toEqual({
			label: { type: 'string', enum: ['positive', 'negative'] },
		});
	});

	it('are withheld, or the server fails: counted per text, while others go on', async () => {
		const reply: Handler = (body) => {
			if (isAbout(body, 'violent')) return saying('', [], { finish_reason: 'content_filter' });
			if (isAbout(body, 'crash')) return { status: 500, body: 'oops' };
			return saying('positive');
		};
		const model = await (await served(capable(reply), { classify: 'answer' })).open();
		expect((await scoresFor(model, 'violent'))?.problem?.kind).toBe('refused');
		expect((await scoresFor(model, 'crash'))?.problem).toMatchObject({
			kind: 'server_error',
			detail: expect.stringContaining('status 500'),
		});
		expect((await scoresFor(model, 'fine'))?.chosen).toBe(0);
	});

	it('that begin another one are refused where only beginnings are seen', async () => {
		const model = await (await served(capable(() => saying('')))).open();
		const { ids: prompt } = await model.encode(model.renderChat([{ role: 'user', content: 'x' }]));
		const labels = await Promise.all(
			['neutral', 'neutral or so'].map(async (label) => (await model.encode(label)).ids),
		);
		await expect(model.scoreLabels([prompt], labels)).rejects.toThrow(UserError);
	});
});

describe('text', () => {
	const asked = async (model: LanguageModel, constrained: boolean) => {
		const { ids } = await model.encode(model.renderChat([{ role: 'user', content: 'List words.' }]));
		const piecesOf = async (text: string) => (await model.encode(text)).ids;
		const items = await Promise.all(['hip', 'knee'].map(async (word) => ({ tokens: await piecesOf(word), times: 1 })));
		const [open, between, close] = await Promise.all(['["', '", "', '"]'].map(piecesOf));
		const constraint = { open: open ?? [], items, between: between ?? [], close: close ?? [], most: 2 };
		const [found] = await model.generate([ids], {
			maxNewTokens: 20,
			...(constrained ? { constraints: [constraint] } : {}),
		});
		return { text: await model.decode(found?.ids ?? []), ...found };
	};

	it('comes as it is, cut off where the server says so', async () => {
		const model = await (await served(capable(() => saying('["hip", "kn', [], { finish_reason: 'length' })))).open();
		expect(await asked(model, false)).toMatchObject({ text: '["hip", "kn', ended: 'length' });
	});

	it('comes without the thought before it; a thought that does not end is no answer', async () => {
		const whole = await (await served(capable(() => saying('<think>- plot\n- actors</think>\n\n["hip"]')))).open();
		expect(await asked(whole, false)).toMatchObject({ text: '["hip"]' });
		await server?.close();
		const cut = saying('<think>\nOkay, "plot" and "actors"', [], { finish_reason: 'length' });
		const found = await asked(await (await served(capable(() => cut))).open(), false);
		expect(found).toMatchObject({ text: '', problem: { kind: 'unfinished_thought' } });
	});

	it('is cut where a server knows no limit', async () => {
		const model = await (await served(capable(() => saying('word '.repeat(1e5))))).open();
		expect(await asked(model, false)).toMatchObject({ ended: 'length', ids: { length: 20 * 128 } });
	});

	it.each([
		['a list', '{"words": ["knee", "hip"]}', '["knee", "hip"]', undefined],
		['a bare list', '["hip"]', '["hip"]', undefined],
		['a list with strangers and repeats', '{"words": ["hip", "toe", "hip"]}', '["hip"]', undefined],
		['strangers only', '{"words": ["toe"]}', '', 'other_label'],
		['prose', 'The hip, of course.', '', 'prose'],
		['half a JSON', '{"words": ["hip"', '', 'half_json'],
		['nothing', '', '', 'nothing'],
	])('restricted to words is read from %s', async (_, answer, text, problem) => {
		const model = await (await served(capable(() => saying(answer)))).open();
		const found = await asked(model, true);
		expect([found.text, found.problem?.kind]).toEqual([text, problem]);
		expect(server?.asked.at(-1)?.response_format?.json_schema.schema.properties).toEqual({
			words: { type: 'array', items: { type: 'string', enum: ['hip', 'knee'] }, minItems: 1, maxItems: 2 },
		});
	});
});

it('warns of a short key beyond this machine, and only there', () => {
	const warningFor = (baseUrl: string, apiKey: string | null): string | null =>
		apiModel('openai:m', apiSchema.parse({}), { baseUrl, apiKey, cacheFolder: folder }).warning();
	for (const host of ['localhost', '127.0.0.1', '[::1]'])
		expect(warningFor(`http://${host}:8000/v1`, 'EMPTY')).toBeNull();
	expect(warningFor('http://models.example/v1', 'EMPTY')).toMatch(/models\.example gets, is so short/u);
	expect(warningFor('http://models.example/v1', 'EMPTY')).not.toContain('EMPTY');
	expect(warningFor('http://models.example/v1', 'sk-0123456789abcdef')).toBeNull();
	expect(warningFor('http://models.example/v1', null)).toBeNull();
});

it('refuses addresses with passwords and settings that make no sense', async () => {
	const environment = { baseUrl: 'http://user:secret@host/v1', apiKey: null, cacheFolder: folder };
	const open = () => apiModel('openai:m', apiSchema.parse({}), environment);
	await expect(apiModel('openai:m', apiSchema.parse({}), { ...environment, baseUrl: null }).open()).rejects.toThrow(
		'OPENAI_API_KEY is not set',
	);
	expect(open).toThrow('must not hold a password');
	expect(open).not.toThrow('secret');
	expect(() => apiModel('openai:m', apiSchema.parse({}), { ...environment, baseUrl: 'host' })).toThrow('is no address');
	expect(apiSchema.safeParse({ budget: { dollars: 1 } }).error?.issues[0]?.message).toContain('needs "price');
	expect(apiSchema.safeParse({ baseUrl: 'http://a:b@host/v1' }).success).toBe(false);
	expect(apiSchema.safeParse({ extra: { temperature: 1 } }).success).toBe(false);
	expect(apiSchema.safeParse({ extra: { reasoning_effort: 'none' } }).success).toBe(true);
});
