import { describe, expect, it } from 'vitest';
import { meanMetric } from '../evaluation/metric.ts';
import { metrics } from '../evaluation/metrics.ts';
import type { Method } from '../rationales/method.ts';
import { type MethodId, methodIds, methods } from '../rationales/methods.ts';
import { familyProblems } from './familyProblems.ts';
import { methodProblems } from './methodProblems.ts';
import { metricProblems } from './metricProblems.ts';

/** What the model answers when it is asked for words, by form. */
const answers: Partial<Record<MethodId, string>> = {
	'prompt.scores': '[["good", 9], ["fine", 6], ["bad", 2]]',
	'prompt.redact': 'a [REDACTED] film of [REDACTED] music yet bad sound',
	'prompt.counterfactual': 'a dull film of poor music yet bad sound',
};

/** The answer is about the first text only, so that these say nothing about the others. */
const aboutOneText: readonly MethodId[] = ['prompt.redact', 'prompt.counterfactual', 'prompt.scores'];

describe('methodProblems', () => {
	it.each(methodIds.filter((id) => !aboutOneText.includes(id)))('finds none in %s', async (id) => {
		expect(await methodProblems(methods[id], answers[id])).toEqual([]);
	});

	const broken = (rank: () => { scores: (number | null)[] | null; own: number[] | null }): Method => ({
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
		const restless = broken(() => ({ scores: Array.from({ length: 9 }, () => (calls += 1)), own: null }));
		expect((await methodProblems(restless)).join()).toContain('says something else when it is asked again');
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
