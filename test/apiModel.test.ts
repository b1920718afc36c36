/** The same model from its folder and behind our own server: what studies find through the API is what the engine finds. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LanguageModel } from '../src/llm/languageModel.ts';
import { openModel } from '../src/llm/openModel.ts';
import { openAiApp } from '../src/server/openai/app.ts';
import { listen, type RunningServer } from '../src/server/openai/serve.ts';
import type { PredictionRecord, RationaleRecord, StudyRecord } from '../src/records/records.ts';
import { runHere } from './cli/inMemory.ts';

const key = 'sk-test-key-that-nobody-may-see';
let folder: string;
let served: LanguageModel;
let server: RunningServer;
let requests = 0;
beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'api-'));
	served = await openModel('tiny-instruct');
	const app = openAiApp({
		model: served,
		host: '127.0.0.1',
		apiKey: key,
		mostWaiting: 100,
		now: () => 1000,
		stopping: new AbortController().signal,
		onFailure: () => undefined,
	});
	server = await listen(app, '127.0.0.1', 0, () => (requests += 1));
	writeFileSync(
		join(folder, 'study.yaml'),
		JSON.stringify({
			models: [
				'tiny-instruct',
				'openai:tiny-instruct',
				{ id: 'said', api: { model: 'tiny-instruct', classify: 'answer' } },
			],
			datasets: [{ id: 'planted-bios', limit: 2 }],
			methods: ['occlusion', 'prompt.unbound', 'prompt.top_k', 'prompt.constrained', 'attention', 'human'],
			maskings: ['delete'],
			perturbation: { masking: 'delete' },
			control: { draws: 1 },
			curve: [0, 0.5],
			bootstrap: { resamples: 100 },
		}),
	);
});
afterAll(async () => {
	await server.close();
	await served.close();
	rmSync(folder, { recursive: true });
});

const environment = () => ({
	OPENAI_BASE_URL: `${server.url}/v1`,
	OPENAI_API_KEY: key,
	RATIONALE_CACHE: join(folder, 'cache'),
});

function recordsOf(run: string): StudyRecord[] {
	const lines = readFileSync(join(folder, run, 'records.jsonl'), 'utf8')
		.trim()
		.split('\n');
	return lines.map((line) => JSON.parse(line) as StudyRecord);
}

const filesIn = (path: string): string[] =>
	readdirSync(path, { recursive: true })
		.map((name) => join(path, String(name)))
		.filter((name) => statSync(name).isFile());

describe('a study of the model from its folder and behind an API', () => {
	let first: Awaited<ReturnType<typeof runHere>>;
	beforeAll(async () => {
		first = await runHere(['run', join(folder, 'study.yaml'), '--out', join(folder, 'one')], environment());
	}, 120_000);

	const predictions = (model: string): PredictionRecord[] =>
		recordsOf('one').filter(
			(record): record is PredictionRecord => record.kind === 'prediction' && record.model === model,
		);
	const rationales = (model: string, method: string): RationaleRecord[] =>
		recordsOf('one').filter(
			(record): record is RationaleRecord =>
				record.kind === 'rationale' && record.model === model && record.method === method,
		);

	it('ends well', () => {
		expect([first.code, first.notes]).toEqual([0, expect.stringMatching(/openai:tiny-instruct: [\d,]+ requests/u)]);
	});

	it('predicts the same labels with the same probabilities', () => {
		const [local, remote] = [predictions('tiny-instruct'), predictions('openai:tiny-instruct')];
		expect(remote).toHaveLength(2);
		for (const [i, record] of remote.entries()) {
			expect(record.prediction).toBe(local[i]?.prediction);
			expect(record.probabilities[record.prediction]).toBeCloseTo(local[i]?.probabilities[record.prediction] ?? 0, 4);
			expect(record.mass).toBeCloseTo(local[i]?.mass ?? 0, 4);
		}
	});

	it('gets the same answers when it asks for words, and the same flips', () => {
		for (const method of ['prompt.unbound', 'prompt.top_k']) {
			const [local, remote] = [rationales('tiny-instruct', method), rationales('openai:tiny-instruct', method)];
			expect(remote.map(({ answer }) => answer)).toEqual(local.map(({ answer }) => answer));
			expect(remote.map(({ selections }) => selections)).toEqual(local.map(({ selections }) => selections));
		}
	});

	it('finds the same words by occlusion, as far as the server reports probabilities', () => {
		const [local, remote] = [rationales('tiny-instruct', 'occlusion'), rationales('openai:tiny-instruct', 'occlusion')];
		const best = ({ scores }: RationaleRecord): number =>
			scores?.indexOf(Math.max(...scores.map((score) => score ?? 0))) ?? -1;
		expect(remote.map(best)).toEqual(local.map(best));
	});

	it('lists words of the text only where the server can be made to', () => {
		const words = rationales('openai:tiny-instruct', 'prompt.constrained');
		expect(words.map(({ missing }) => missing)).toEqual(words.map(() => null));
		expect(words.every(({ selections }) => (selections[0]?.words.length ?? 0) > 0)).toBe(true);
	});

	it('says what cannot be had', () => {
		const [attention] = rationales('openai:tiny-instruct', 'attention');
		expect(attention?.missing).toContain('offers no attention');
		expect(rationales('said', 'occlusion')[0]?.missing).toContain('offers no labelScores');
		expect(predictions('said').map(({ prediction }) => prediction)).toEqual(
			predictions('tiny-instruct').map(({ prediction }) => prediction),
		);
		expect(predictions('said')[0]).toMatchObject({ probabilities: {}, mass: null });
		const report = readFileSync(join(folder, 'one', 'report.html'), 'utf8');
		expect(report).toContain('labels by the log-probabilities of first tokens');
		expect(report).toContain('labels read from a free answer, without probabilities');
	});

	it('asks nothing in a second study, and finds the same', async () => {
		const before = requests;
		expect(before).toBeGreaterThan(0);
		const second = await runHere(['run', join(folder, 'study.yaml'), '--out', join(folder, 'two')], environment());
		expect(second.code).toBe(0);
		expect(requests).toBe(before);
		expect(second.notes).toContain('openai:tiny-instruct: 0 requests');
		expect(recordsOf('two')).toEqual(recordsOf('one'));
	}, 60_000);

	it('leaves the key in no file and no message', async () => {
		const wrong = {
			...environment(),
			OPENAI_API_KEY: 'sk-wrong-key-nobody-may-see',
			RATIONALE_CACHE: join(folder, 'other'),
		};
		const refused = await runHere(['explain', '--model', 'openai:tiny-instruct', 'He runs a practice.'], wrong);
		expect([refused.code, refused.notes]).toEqual([1, expect.stringContaining('check OPENAI_API_KEY')]);
		const debugged = await runHere(['explain', '--debug', '--model', 'openai:tiny-instruct', 'He runs.'], wrong);
		expect(first.out + first.notes + refused.notes + debugged.notes).not.toMatch(/nobody-may-see/u);
		const leaks = filesIn(folder).filter((file) => readFileSync(file, 'utf8').includes('nobody-may-see'));
		expect(leaks).toEqual([]);
	});

	it('explains one text', async () => {
		// A text that leaves the model in doubt: a label too improbable to be listed has no more than an upper bound.
		const text = 'She runs a practice for hip and mind.';
		const asked = [
			'explain',
			'--model',
			'openai:tiny-instruct',
			'--method',
			'occlusion,prompt.unbound',
			'--masking',
			'delete',
			'--json',
		];
		const remote = JSON.parse((await runHere([...asked, text], environment())).out) as Explained;
		const local = JSON.parse(
			(await runHere(asked.toSpliced(2, 1, 'tiny-instruct').concat(text), environment())).out,
		) as Explained;
		expect(remote.prediction.label).toBe(local.prediction.label);
		expect(remote.methods.map(({ chosen }) => chosen)).toEqual(local.methods.map(({ chosen }) => chosen));
		const scores = local.methods[0]?.scores ?? [];
		expect(Math.max(...scores)).toBeGreaterThan(0.01);
		for (const [word, score] of scores.entries()) expect(remote.methods[0]?.scores?.[word]).toBeCloseTo(score, 4);
	});
});

interface Explained {
	readonly prediction: { readonly label: string };
	readonly methods: readonly { readonly chosen: readonly number[]; readonly scores: readonly number[] | null }[];
}
