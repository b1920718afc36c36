/** One GGUF file from the hub through every command, beside the folder that it was made of. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { explainText } from '../src/api/explainText.ts';
import { openLocalModel } from '../src/llm/localModel.ts';
import type { LanguageModel } from '../src/llm/languageModel.ts';
import { modelPlace } from '../src/llm/openModel.ts';
import { openAiApp } from '../src/server/openai/app.ts';
import { listen } from '../src/server/openai/serve.ts';
import type { TextExplanation } from '../src/records/explanation.ts';
import type { StudyRecord } from '../src/records/records.ts';
import { runHere } from './cli/inMemory.ts';
import { ggufOf } from './support/ggufModel.ts';
import { type HubServer, startHub } from './support/hubServer.ts';

// Processes that start on a busy machine.
vi.setConfig({ hookTimeout: 60_000 });

const folder = join('models', 'tiny-instruct');
let home: string;
let file: string;
let model: LanguageModel;
let original: LanguageModel;
beforeAll(async () => {
	home = mkdtempSync(join(tmpdir(), 'gguf-'));
	file = join(home, 'tiny.gguf');
	writeFileSync(file, ggufOf(folder));
	[model, original] = await Promise.all([
		openLocalModel('tiny', { folder: file, adapter: null }),
		openLocalModel('tiny', { folder, adapter: null }),
	]);
});
afterAll(async () => {
	await Promise.all([model.close(), original.close()]);
	rmSync(home, { recursive: true });
});

const environment = (more = {}) => ({ RATIONALE_CACHE: join(home, 'cache'), ...more });
const text = 'She runs a small practice for hip surgery.';
const explained = (opened: LanguageModel): Promise<TextExplanation> =>
	explainText(opened, 'planted-bios', text, { methods: ['saliency.l2', 'attention'] });

it('the file is the folder: tokens, template, labels', async () => {
	const prompt = original.renderChat([{ role: 'user', content: text }]);
	expect(model.renderChat([{ role: 'user', content: text }])).toBe(prompt);
	for (const sample of [prompt, '  Héllo\n\n12 🦷 don’t <|end|>']) {
		expect(await model.encode(sample)).toEqual(await original.encode(sample));
	}
	const { ids } = await original.encode(prompt);
	const labels = await Promise.all(['nurse', 'surgeon'].map(async (label) => (await original.encode(label)).ids));
	const [[found], [wanted]] = [await model.scoreLabels([ids], labels), await original.scoreLabels([ids], labels)];
	expect(found?.logProbabilities[0]).toBeCloseTo(wanted?.logProbabilities[0] ?? NaN, 5);
	expect(found?.logProbabilities[1]).toBeCloseTo(wanted?.logProbabilities[1] ?? NaN, 5);
});

it('explain says the same of it', async () => {
	const [found, wanted] = [await explained(model), await explained(original)];
	expect(found.prediction.label).toBe(wanted.prediction.label);
	for (const [i, method] of found.methods.entries()) {
		expect(method.chosen).toEqual(wanted.methods[i]?.chosen);
		for (const [word, score] of (method.scores ?? []).entries()) {
			expect(score).toBeCloseTo(wanted.methods[i]?.scores?.[word] ?? NaN, 4);
		}
	}
});

it('a study takes it by its path', async () => {
	const study = {
		models: [{ id: 'tiny', path: './tiny.gguf' }],
		datasets: [{ id: 'planted-bios', limit: 4 }],
		methods: ['saliency.l2'],
		maskings: ['space'],
		curve: [],
		control: { draws: 1 },
		bootstrap: { resamples: 100 },
	};
	writeFileSync(join(home, 'study.yaml'), JSON.stringify(study));
	const { code } = await runHere(['run', join(home, 'study.yaml'), '--out', join(home, 'out')], environment());
	expect(code).toBe(0);
	const lines = readFileSync(join(home, 'out', 'records.jsonl'), 'utf8')
		.trim()
		.split('\n');
	const records = lines.map((line) => JSON.parse(line) as StudyRecord);
	const predictions = records.filter((record) => record.kind === 'prediction');
	// The bundled model is right about all of these.
	expect(predictions.map(({ gold }) => gold)).toEqual(predictions.map(({ prediction }) => prediction));
	expect(records.flatMap((record) => (record.kind === 'rationale' ? record.missing : []))).toEqual([
		null,
		null,
		null,
		null,
	]);
});

it('serves it, and a model behind that server says the same', async () => {
	const app = openAiApp({
		model,
		host: '127.0.0.1',
		apiKey: null,
		mostWaiting: 10,
		now: () => 1000,
		stopping: new AbortController().signal,
		onFailure: (error) => {
			throw error;
		},
	});
	const server = await listen(app, '127.0.0.1', 0);
	const argv = ['explain', '--model', 'openai:tiny', '--method', 'occlusion', '--json', text];
	const remote = await runHere(argv, environment({ OPENAI_BASE_URL: `${server.url}/v1`, OPENAI_API_KEY: 'none' }));
	await server.close();
	const said = JSON.parse(remote.out) as TextExplanation;
	const own = await explained(model);
	expect(said.prediction.label).toBe(own.prediction.label);
	const label = own.prediction.label;
	expect(said.prediction.probabilities[label]).toBeCloseTo(own.prediction.probabilities[label] ?? NaN, 3);
});

it('an adapter learns on it, names it, and explains with it', async () => {
	const tuning = {
		models: [{ id: 'tiny', path: './tiny.gguf' }],
		datasets: [{ id: 'planted-bios', limit: 2, train: { limit: 16 } }],
		methods: ['random'],
		finetune: { epochs: 1, batch: { size: 8 }, lora: { r: 2, targets: ['q_proj'] }, learningRate: 0.01 },
	};
	writeFileSync(join(home, 'tune.yaml'), JSON.stringify(tuning));
	const { code } = await runHere(['finetune', join(home, 'tune.yaml'), '--out', join(home, 'tuned')], environment());
	expect(code).toBe(0);
	const adapter = join(home, 'tuned', 'finetune', 'tiny', 'planted-bios', 'epoch-01');
	const config = JSON.parse(readFileSync(join(adapter, 'adapter_config.json'), 'utf8')) as object;
	expect(config).toMatchObject({ base_model_name_or_path: file });
	const scores = async (opened: LanguageModel): Promise<readonly number[]> => {
		const { ids } = await opened.encode(opened.renderChat([{ role: 'user', content: text }]));
		const labels = await Promise.all(['nurse', 'surgeon'].map(async (label) => (await opened.encode(label)).ids));
		return (await opened.scoreLabels([ids], labels))[0]?.logProbabilities ?? [];
	};
	const adapted = async (place: string): Promise<readonly number[]> => {
		const opened = await openLocalModel('tiny', { folder: place, adapter });
		try {
			return await scores(opened);
		} finally {
			await opened.close();
		}
	};
	const [tuned, onFolder] = await Promise.all([adapted(file), adapted(folder)]);
	expect(tuned).not.toEqual(await scores(model));
	for (const [i, value] of tuned.entries()) expect(value).toBeCloseTo(onFolder[i] ?? NaN, 3);
	expect(modelPlace(adapter)).toEqual({ folder: file, adapter });
});

describe('of the hub', () => {
	let hub: HubServer;
	beforeAll(async () => {
		const commit = 'abcdef0123456789abcdef0123456789abcdef01';
		const files = { ['tiny.gguf']: readFileSync(file), ['other.gguf']: Buffer.from('GGUF') };
		hub = await startHub({ repository: 'org/tiny', commit, files });
	});
	afterAll(() => hub.close());

	it('one file is fetched by its name, and explains offline', async () => {
		const more = { HF_HOME: join(home, 'hf'), HF_ENDPOINT: hub.endpoint };
		const pulled = await runHere(['pull', 'org/tiny:tiny.gguf'], environment(more));
		expect([pulled.code, pulled.notes]).toEqual([0, '']);
		expect(pulled.out).toContain('1 file checked by');
		expect(hub.requests.some(({ path }) => path.includes('other.gguf') && !path.includes('tree'))).toBe(false);
		const argv = ['explain', '--model', 'org/tiny:tiny.gguf', '--method', 'attention', '--json', text];
		const { out } = await runHere(argv, environment({ ...more, HF_HUB_OFFLINE: '1' }));
		expect(JSON.parse(out)).toMatchObject({ prediction: { label: (await explained(model)).prediction.label } });
		const absent = await runHere(['pull', 'org/tiny:none.gguf'], environment(more));
		expect([absent.code, absent.notes]).toEqual([1, expect.stringContaining('Its GGUF files: ')]);
	});
});
