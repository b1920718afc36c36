/** A study of four sentences in a temporary folder, with a fake model whose every number can be worked out by hand. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultTuning } from '../../src/llm/tuning.ts';
import { runStudy, type StudyOptions, type StudyResult } from '../../src/runStudy.ts';
import {
	createFakeModel,
	createVocabulary,
	type FakeModel,
	type FakeModelOptions,
} from '../../src/testing/fakeModel.ts';
import type { SummaryRow } from '../../src/records/summaryRows.ts';
import type { ModelSource } from '../../src/study/models/modelSource.ts';

/** "good" speaks for positive, "bad" for negative, by the same amount; equal scores go to the first label, positive. */
export const goodAndBad: FakeModelOptions = {
	weights: { good: { positive: 2 }, bad: { negative: 2 } },
};

const rows = [
	['one', 'a good film', 'positive', '0 1 0'],
	['two', 'a bad film', 'negative', '0 1 0'],
	['three', 'bad plot but good acting and bad end', 'negative', '1 0 0 0 0 0 1 0'],
	['four', 'truly good fun', 'positive', '1 0 0'],
];

/** The study file; `changes` replaces or adds top-level keys. */
export function studyText(changes: Readonly<Record<string, unknown>> = {}): string {
	return JSON.stringify({
		models: ['fake'],
		datasets: [
			{
				id: 'sentences',
				file: {
					path: 'sentences.csv',
					id: 'id',
					text: 'text',
					label: 'label',
					rationale: { column: 'mask', form: 'binary_words' },
				},
				task: { instruction: 'Is it liked?', labels: ['positive', 'negative'] },
			},
		],
		methods: ['attention', 'input_x_gradient.dot', 'prompt.unbound', 'random', 'human'],
		control: { draws: 2 },
		curve: [0, 0.5, 1],
		bootstrap: { resamples: 100 },
		batch: 3,
		...changes,
	});
}

export interface SmallStudy {
	readonly folder: string;
	readonly out: string;
	/** The models opened so far, in order. */
	readonly opened: FakeModel[];
	write(changes?: Readonly<Record<string, unknown>>): Promise<void>;
	run(options?: Partial<StudyOptions>): Promise<StudyResult>;
	read(name: string): Promise<string>;
	remove(): Promise<void>;
}

/** Returns the study in a new folder; `model` are the options of the models it opens. */
export async function createSmallStudy(model: Partial<FakeModelOptions> = {}): Promise<SmallStudy> {
	const folder = await mkdtemp(join(tmpdir(), 'study-'));
	const out = join(folder, 'out');
	const opened: FakeModel[] = [];
	const source = fakeSource({ ...goodAndBad, ...model }, opened);
	const write = (changes = {}): Promise<void> => writeFile(join(folder, 'small.yaml'), studyText(changes));
	await write();
	await writeFile(
		join(folder, 'sentences.csv'),
		`id,text,label,mask\n${rows.map((row) => row.join(',')).join('\n')}\n`,
	);
	return {
		...{ folder, out, opened, write },
		run: (options = {}) =>
			runStudy({ path: join(folder, 'small.yaml'), out, source, versions: { test: '1' }, ...options }),
		read: (name) => readFile(join(out, name), 'utf8'),
		remove: () => rm(folder, { recursive: true }),
	};
}

/** Returns a source of fake models that notes which ones it opened. */
export function fakeSource(options: FakeModelOptions, opened: FakeModel[]): ModelSource {
	const vocabulary = createVocabulary();
	return {
		identify: async () => createFakeModel(options).identity,
		open: async ({ id }) => {
			const model = createFakeModel({ ...options, id, vocabulary });
			opened.push(model);
			return model;
		},
		describe: () => 'a fake',
		tuning: async () => ({ ...defaultTuning, measured: false }),
	};
}

/** Returns the one row with these properties. */
export function rowOf({ input }: StudyResult, wanted: Partial<SummaryRow>): SummaryRow {
	const found = input.summary.rows.filter((row) =>
		Object.entries(wanted).every(([key, value]) => row[key as keyof SummaryRow] === value),
	);
	if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} rows: ${JSON.stringify(wanted)}`);
	return found[0];
}
