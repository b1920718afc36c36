import { describe, expect, it } from 'vitest';
import { DATASETS, DATASET_IDS, datasetNamed, type Dataset } from './datasets.ts';
import { stratifiedSample } from './sample.ts';

describe.each(Object.entries<Dataset>(DATASETS))('dataset %s', (key, dataset) => {
	it('is registered under its id, with a task that covers its segments and labels', () => {
		const [example] = dataset.load('test', { limit: 1, seed: 0 });
		expect(dataset.id).toBe(key);
		expect(example?.segments.map(({ name }) => name)).toEqual(Object.keys(dataset.task.segmentTitles));
		expect(Object.keys(dataset.task.verbalizers).toSorted()).toEqual(dataset.task.labels.toSorted());
		for (const verbalizer of Object.values(dataset.task.verbalizers)) {
			expect(dataset.task.instruction).toContain(verbalizer);
			expect(verbalizer).toMatch(/^[a-z]+$/u);
		}
	});

	it('has as many examples as it says, with different ids', () => {
		for (const [split, size] of Object.entries(dataset.splits)) {
			const examples = dataset.load(split, { seed: 0 });
			expect(new Set(examples.map(({ id }) => id)).size).toBe(size);
		}
	});

	it('refuses an unknown split', () => {
		expect(() => dataset.load('tets', { seed: 0 })).toThrow(
			`${key}: unknown split "tets". Did you mean "test"? Known: train, test.`,
		);
	});
});

describe('datasetNamed', () => {
	it('finds a dataset, or lists all', () => {
		expect(datasetNamed('planted-nli', 'study.yaml').id).toBe('planted-nli');
		expect(() => datasetNamed('planted-nil', 'study.yaml')).toThrow(
			`study.yaml: unknown dataset "planted-nil". Did you mean "planted-nli"? Known: ${DATASET_IDS.join(', ')}.`,
		);
	});
});

describe('stratifiedSample', () => {
	const examples = Array.from({ length: 100 }, (_, number) => ({
		id: `${number}`,
		segments: [],
		label: number % 4 === 0 ? 'rare' : 'common',
		annotations: [],
	}));

	it('keeps proportions and order', () => {
		const drawn = stratifiedSample(examples, 20, 1);
		expect(drawn.filter(({ label }) => label === 'rare')).toHaveLength(5);
		expect(drawn).toHaveLength(20);
		expect(drawn).toEqual(examples.filter((example) => drawn.includes(example)));
	});

	it('depends on the seed, and draws subsets with smaller limits', () => {
		expect(stratifiedSample(examples, 20, 1)).toEqual(stratifiedSample(examples, 20, 1));
		expect(stratifiedSample(examples, 20, 1)).not.toEqual(stratifiedSample(examples, 20, 2));
		const larger = stratifiedSample(examples, 40, 1);
		expect(stratifiedSample(examples, 20, 1).every((example) => larger.includes(example))).toBe(true);
	});

	it('returns all without a limit or with a large one, and refuses limits that are none', () => {
		expect(stratifiedSample(examples, undefined, 1)).toEqual(examples);
		expect(stratifiedSample(examples, 1000, 1)).toEqual(examples);
		for (const limit of [0, -1, 2.5, NaN]) expect(() => stratifiedSample(examples, limit, 1)).toThrow('limit');
	});
});
