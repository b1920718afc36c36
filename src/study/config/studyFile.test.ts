import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../core/errors.ts';
import { loadConfig, parseConfig, type StudyConfig } from './studyFile.ts';

const least = 'models: [tiny-instruct]\ndatasets: [planted-bios]\n';
const parse = (text: string): StudyConfig => parseConfig(text, '/studies/mine.yaml');
const refusal = (text: string): string => {
	try {
		parse(text);
	} catch (error) {
		if (error instanceof UserError) return error.message;
		throw error;
	}
	return 'accepted';
};

describe('parseConfig', () => {
	it('takes models by name, folder and hub id', () => {
		const { models } = parse('models: [org/name@v1, ./mine, { id: short, hub: org/name }]\ndatasets: [planted-bios]');
		expect(models.map(({ id, path, hub }) => [id, path === null ? null : 'folder', hub])).toEqual([
			['org/name@v1', null, undefined],
			['mine', 'folder', undefined],
			['short', null, 'org/name'],
		]);
		expect(() => parse('models: [{ id: a, hub: name }]\ndatasets: [planted-bios]')).toThrow(/org\/name@revision/u);
	});

	it('fills in every default', () => {
		expect(parse(least)).toMatchObject({
			study: 'mine',
			seed: 1,
			models: [{ id: 'tiny-instruct', path: null }],
			datasets: [{ id: 'planted-bios' }],
			selections: null,
			guidedBy: null,
			topShare: 0.2,
			maskings: ['space', 'delete'],
			control: { draws: 5 },
			curve: [0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1],
			bootstrap: { resamples: 1000 },
			batch: 16,
		});
	});

	it('reads few-shot examples and those to learn from in every form', () => {
		const entry = (more: string) => parse(`models: [m]\ndatasets: [{ id: planted-bios, ${more} }]`).datasets[0];
		expect(entry('fewShot: { n: 2 }')?.fewShot).toEqual({ n: 2, from: {} });
		expect(entry('fewShot: { n: 2, from: test }')?.fewShot).toEqual({ n: 2, from: { split: 'test' } });
		expect(entry('fewShot: { count: 2, split: test }')?.fewShot).toEqual({ n: 2, from: { split: 'test' } });
		expect(entry('train: { limit: 9, from: test }')?.train).toEqual({ limit: 9, from: { split: 'test' } });
		expect(entry('train: { split: test }')?.train).toEqual({ from: { split: 'test' } });
		const table = '{ path: a.csv, text: t, label: l }';
		expect(entry(`fewShot: { n: 1, from: { file: ${table} } }`)?.fewShot?.from.file).toMatchObject({
			path: resolve('/studies/a.csv'),
		});
		for (const [more, message] of [
			['fewShot: {}', 'give "n", the number of examples'],
			['fewShot: { n: 1, count: 1 }', 'give "n"'],
			['fewShot: { n: 1, from: test, split: test }', 'give either "from" or "split"'],
			['fewShot: { n: 1, form: test }', 'Did you mean "from"?'],
			['fewShot: { n: 1, from: { file: a.csv } }', 'a bundled dataset has splits, no files'],
			['fewShot: { n: 0 }', '(datasets[0].fewShot.n): must be at least 1'],
		] as const) {
			expect(refusal(`models: [m]\ndatasets: [{ id: planted-bios, ${more} }]`)).toContain(message);
		}
		const own = 'id: x, task: planted-bios, file: { path: a.csv, text: t }';
		expect(refusal(`models: [m]\ndatasets: [{ ${own}, fewShot: { n: 1, from: train } }]`)).toContain('has no splits');
	});

	it('takes paths relative to the study file', () => {
		const { models, datasets } = parse(`
models: [./models/mine, { id: other, path: ../other }]
datasets:
  - id: reviews
    file: { path: data/reviews.csv, text: sentence, label: label }
    task: planted-bios
`);
		expect(models).toEqual([
			{ id: 'mine', path: resolve('/studies/models/mine') },
			{ id: 'other', path: resolve('/other') },
		]);
		expect(datasets[0]?.file).toMatchObject({
			path: resolve('/studies/data/reviews.csv'),
			segments: { text: 'sentence' },
			rationales: [],
		});
		expect(datasets[0]?.task).toMatchObject({ sameAs: 'planted-bios' });
	});

	it.each([
		[
			'a key',
			`${least}selection: [own]\n`,
			'/studies/mine.yaml:3 (selection): unknown key "selection". Did you mean "selections"?',
		],
		[
			'a nested key',
			`${least}control:\n  draw: 3\n`,
			':4 (control.draw): unknown key "draw". Did you mean "draws"? Known: draws.',
		],
		[
			'a dataset key',
			'models: [m]\ndatasets:\n  - id: planted-nli\n    limt: 3\n',
			':4 (datasets[0].limt): unknown key "limt". Did you mean "limit"?',
		],
		[
			'a method',
			`${least}methods:\n  - attention\n  - saliency.l3\n`,
			':5 (methods[1]): unknown value "saliency.l3". Did you mean "saliency.l1"?',
		],
		['a masking', `${least}maskings: [spaces]\n`, ':3 (maskings[0]): unknown value "spaces". Did you mean "space"?'],
		['a selection', `${least}selections: [top-var]\n`, 'Did you mean "top_var"?'],
		[
			'a dataset',
			'models: [m]\ndatasets:\n  - planted-bio\n',
			':3 (datasets[0].id): unknown value "planted-bio". Did you mean "planted-bios"?',
		],
		[
			'a file key',
			'models: [m]\ndatasets:\n  - id: x\n    file: { path: a.csv, txt: b }\n    task: planted-bios\n',
			':4 (datasets[0].file.txt): unknown key "txt". Did you mean "text"?',
		],
		[
			'a rationale form',
			'models: [m]\ndatasets:\n  - id: x\n    task: planted-bios\n    file:\n      path: a.csv\n      text: b\n      rationale: { column: r, form: binary }\n',
			':8 (datasets[0].file.rationale.form): unknown value "binary".',
		],
		[
			'a rationale key',
			'models: [m]\ndatasets:\n  - id: x\n    task: planted-bios\n    file: { path: a.csv, text: b, rationale: [{ colum: r, form: binary_words }] }\n',
			'(datasets[0].file.rationale[0].colum): unknown key "colum". Did you mean "column"?',
		],
	])('refuses %s that does not exist and names the nearest', (_, text, expected) => {
		expect(refusal(text)).toContain(expected);
	});

	it.each([
		['datasets: [planted-bios]', ':1 (models): this key is required.'],
		[`${least}seed: one`, ':3 (seed): expected a number, got "one".'],
		[`${least}batch: 0`, ':3 (batch): must be at least 1, got 0.'],
		[`${least}curve: [0.5, 0.1]`, ':3 (curve): shares must rise, got [0.5,0.1].'],
		[`${least}curve: [2]`, ':3 (curve[0]): a share is at most 1, got 2.'],
		[`${least}methods: [human, human]`, ':3 (methods): names something twice'],
		[`${least}selections: [top_k]`, 'add "topK: 5"'],
		['models: [a, a]\ndatasets: [planted-bios]', ':1 (models[1].id): the name is used twice, got "a".'],
		['models: []\ndatasets: [planted-bios]', ':1 (models): must name at least one model'],
		['models: [m]\ndatasets: [{ id: x, file: { path: a.csv, text: t } }]', 'needs a "task"'],
		['models: [m]\ndatasets: [{ id: planted-bios, task: planted-nli }]', '(datasets[0].task): is for'],
		['models: [m]\ndatasets: [{ id: x, file: { path: a.csv }, task: planted-nli }]', 'give either "text"'],
		[`models: ['openai:m']\ndatasets: [planted-bios]\nmaskings: [block_attention]`, '"openai:m" is behind an API'],
		['models: [m', ':1: not valid YAML'],
		['', ':1: expected keys with values, got null.'],
	])('says what is wrong with %j', (text, expected) => {
		expect(refusal(text)).toContain(expected);
	});

	it('reports all problems at once', () => {
		expect(refusal(`${least}seed: x\nbatch: y\n`).split('\n')).toHaveLength(2);
	});

	it('names a file that is not there', async () => {
		await expect(loadConfig('/nowhere/study.yaml')).rejects.toThrow(/^\/nowhere\/study.yaml: cannot be read/);
	});
});
