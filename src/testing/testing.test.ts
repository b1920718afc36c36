import { describe, expect, it } from 'vitest';
import { exampleWords } from '../core/example.ts';
import { meanMetric } from '../evaluation/metric.ts';
import { metrics } from '../evaluation/metrics.ts';
import type { Method } from '../rationales/method.ts';
import type { ReferenceMethod } from '../rationales/reference/method.ts';
import { methods } from '../rationales/methods.ts';
import { familyProblems } from './familyProblems.ts';
import { methodProblems } from './methodProblems.ts';
import { metricProblems } from './metricProblems.ts';

describe('methodProblems', () => {
	const broken = (rank: ReferenceMethod['rank']): Method => ({
		kind: 'reference',
		declaration: { ...methods.random.declaration, id: 'broken' },
		rank,
	});

	it('finds scores that are no numbers, too few, or different every time', async () => {
		let calls = 0;
		expect(await methodProblems(broken(() => ({ scores: [NaN], own: null })))).toEqual(
			expect.arrayContaining([
				expect.stringContaining('a score is no number'),
				expect.stringContaining('1 scores for 9'),
			]),
		);
		const restless = broken(({ example }) => ({ scores: exampleWords(example).map(() => (calls += 1)), own: null }));
		expect((await methodProblems(restless)).join()).toContain('says something else when it is asked again');
	});

	it('finds more scores than words, and says what a method throws', async () => {
		const [problem] = await methodProblems(broken(() => ({ scores: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], own: null })));
		expect(problem).toContain('10 scores for 9 words');
		const failing = broken(() => {
			throw new Error('no idea');
		});
		expect(await methodProblems(failing)).toEqual(['cannot be asked: no idea']);
	});

	it('finds words that are not there, and words chosen twice', async () => {
		const found = (await methodProblems(broken(() => ({ scores: null, own: [0, 0, 99] })))).join();
		expect(found).toContain('chooses a word that is not there');
		expect(found).toContain('chooses a word twice');
	});
});

describe('metricProblems', () => {
	const aligned = [
		{ wordCount: 6, gold: [1, 2], predicted: [2, 3], scores: [0, 1, 3, 2, 0, 0], ties: 0 },
		{ wordCount: 4, gold: [0], predicted: [0], scores: [1, 0, 0, 0], ties: 0 },
		{ wordCount: 5, gold: [], predicted: [1], scores: [0, 1, 0, 0, 0], ties: 0 },
	];

	it.each(Object.entries(metrics.alignment))('finds none in %s', (_, metric) => {
		expect(metricProblems(metric, aligned)).toEqual([]);
	});

	it('finds values outside the declared range, and reasons left out', () => {
		const { declaration } = metrics.alignment['token_f1.macro'];
		const tooLarge = meanMetric<number>(
			declaration,
			(value) => ({ value }),
			() => ({ value: 0.5 }),
		);
		expect(metricProblems(tooLarge, [1, 5]).join()).toContain('the value 3 lies outside the declared range');
		const silent = { ...tooLarge, summand: () => ({ missing: ' ' }) };
		expect(metricProblems(silent, [1]).join()).toContain('missing without a reason');
		const uneven = { ...tooLarge, summand: (value: number) => ({ amounts: Array.from({ length: value }, () => 0) }) };
		expect(metricProblems(uneven, [1, 2]).join()).toContain('different numbers of amounts');
	});
});

describe('familyProblems', () => {
	it.each(['llama2', 'gemma3', 'gpt2'])('finds none in %s', async (family) => {
		expect(await familyProblems(`fixtures/${family}`)).toEqual([]);
	});
});
