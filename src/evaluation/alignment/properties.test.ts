/** What holds for all texts, annotations and rationales. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Estimate, estimate } from '../estimate.ts';
import type { Metric } from '../metric.ts';
import { metrics } from '../metrics.ts';
import type { AlignedExample } from './alignedExample.ts';

const all: [string, Metric<AlignedExample>][] = Object.entries(metrics.alignment);
const ofChoice = all.filter(([, { declaration }]) => declaration.judges === 'chosen');
const ofScores = all.filter(([, { declaration }]) => declaration.judges === 'scores');
const options = { seed: 1, resamples: 5 };
const valueOf = (metric: Metric<AlignedExample>, items: readonly AlignedExample[]): number | null =>
	estimate(metric, items, options).value;

/** Texts of 2 to 12 words; scores with ties and words without a score. */
const example: fc.Arbitrary<AlignedExample> = fc.integer({ min: 2, max: 12 }).chain((wordCount) => {
	const words = fc.uniqueArray(fc.nat(wordCount - 1), { maxLength: wordCount });
	const score = fc.option(fc.integer({ min: -3, max: 3 }), { freq: 8 });
	return fc.record({
		wordCount: fc.constant(wordCount),
		gold: words,
		predicted: fc.option(words, { freq: 8 }),
		scores: fc.option(fc.array(score, { minLength: wordCount, maxLength: wordCount }), { freq: 8 }),
	});
});
const examples = fc.array(example, { minLength: 1, maxLength: 8 });

describe.each(all)('%s', (_, metric) => {
	const [low, high] = metric.declaration.range;
	const inRange = (value: number | null): boolean => value === null || (value >= low - 1e-12 && value <= high + 1e-12);

	it('stays in its range, with its interval and chance level, and counts every example', () => {
		fc.assert(
			fc.property(examples, (items) => {
				const { value, ci95, chance, n, missing }: Estimate = estimate(metric, items, options);
				expect([value, chance, ...(ci95 ?? [])].every(inRange)).toBe(true);
				expect(n + missing).toBe(items.length);
				if (value !== null && ci95 !== null) {
					expect(ci95[0]).toBeLessThanOrEqual(value);
					expect(ci95[1]).toBeGreaterThanOrEqual(value);
				}
			}),
		);
	});

	it('does not depend on the order of the examples', () => {
		fc.assert(
			fc.property(examples, (items) => {
				const [one, other] = [valueOf(metric, items), valueOf(metric, items.toReversed())];
				if (one === null) expect(other).toBeNull();
				else expect(other).toBeCloseTo(one, 10);
			}),
		);
	});

	it('does not depend on the order in which words are listed', () => {
		fc.assert(
			fc.property(example, (item) => {
				const listed = { ...item, gold: item.gold.toReversed(), predicted: item.predicted?.toReversed() ?? null };
				expect(valueOf(metric, [listed])).toEqual(valueOf(metric, [item]));
			}),
		);
	});

	it('is missing where nobody annotated a word', () => {
		fc.assert(
			fc.property(example, (item) => {
				expect(estimate(metric, [{ ...item, gold: [] }], options)).toMatchObject({ value: null, n: 0, missing: 1 });
			}),
		);
	});
});

describe.each(ofChoice)('%s of chosen words', (id, metric) => {
	const annotated = example.filter(({ gold, wordCount }) => gold.length > 0 && gold.length < wordCount);

	it('is 1 for the annotation itself', () => {
		fc.assert(
			fc.property(fc.array(annotated, { minLength: 1, maxLength: 5 }), (items) => {
				const perfect = items.map((item) => ({ ...item, predicted: item.gold }));
				expect(valueOf(metric, perfect)).toBeCloseTo(1, 12);
			}),
		);
	});

	it('is 0 for no word', () => {
		fc.assert(
			fc.property(annotated, (item) => {
				expect(valueOf(metric, [{ ...item, predicted: [] }])).toBeCloseTo(0, 12);
			}),
		);
	});

	it('for all words has full recall and the precision of the annotated share', () => {
		fc.assert(
			fc.property(annotated, (item) => {
				const { wordCount, gold } = item;
				const value = valueOf(metric, [{ ...item, predicted: [...new Array(wordCount).keys()] }]);
				const precision = gold.length / wordCount;
				const expected: Record<string, number> = {
					'token_recall.macro': 1,
					'token_precision.macro': precision,
					'token_f1.macro': (2 * precision) / (1 + precision),
					'token_f1.micro': (2 * precision) / (1 + precision),
					kappa: 0,
				};
				if (id in expected) expect(value).toBeCloseTo(expected[id] ?? NaN, 10);
			}),
		);
	});
});

describe.each(ofScores)('%s of scores', (_, metric) => {
	const scoredExample = example.filter(
		({ gold, wordCount, scores }) =>
			gold.length > 0 && gold.length < wordCount && scores !== null && scores.every((score) => score !== null),
	);

	it('is 1 where the annotated words have the largest scores', () => {
		fc.assert(
			fc.property(scoredExample, (item) => {
				const scores = Array.from({ length: item.wordCount }, (_, word) => (item.gold.includes(word) ? 1 : 0));
				expect(valueOf(metric, [{ ...item, scores }])).toBeCloseTo(1, 12);
			}),
		);
	});

	it('depends on the order of the scores alone', () => {
		fc.assert(
			fc.property(scoredExample, (item) => {
				const bent = item.scores?.map((score) => Math.exp(score ?? 0) - 3) ?? null;
				expect(valueOf(metric, [{ ...item, scores: bent }])).toBeCloseTo(valueOf(metric, [item]) ?? NaN, 12);
			}),
		);
	});

	it('has a value for one word that decides among two', () => {
		const value = metric.summand({ wordCount: 2, gold: [1], predicted: null, scores: [0, 1] });
		expect(value).toEqual({ amounts: [1] });
	});
});
