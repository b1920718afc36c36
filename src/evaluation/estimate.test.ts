import { expect, test } from 'vitest';
import { seededRandom } from '../core/random.ts';
import type { AlignedExample } from './alignment/alignedExample.ts';
import { compare, compareEvery } from './compare.ts';
import { estimate, estimateAll } from './estimate.ts';
import { metricDeclarations, metrics } from './metrics.ts';

const { alignment } = metrics;

/** Random texts whose annotated words score `signal` higher than the others. */
function examplesOf(count: number, signal: number): AlignedExample[] {
	return Array.from({ length: count }, (_, index) => {
		const random = seededRandom('estimate', index);
		const numbers = Array.from({ length: 8 + random.integer(20) }, (_, word) => word);
		const gold = random.sample(numbers, 1 + random.integer(5));
		const scores = numbers.map((word) => random.normal() + (gold.includes(word) ? signal : 0));
		const best = numbers.toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0)).slice(0, gold.length);
		return { wordCount: numbers.length, gold, predicted: best, scores };
	});
}

test.each(Object.values(alignment))('$declaration.id: repeatable, and the interval holds the value', (metric) => {
	const examples = examplesOf(60, 1);
	const result = estimate(metric, examples, { seed: 5 });
	expect(estimate(metric, examples, { seed: 5 })).toEqual(result);
	const { value, ci95 } = result;
	if (value === null || ci95 === null) throw new Error('no value');
	expect(ci95[0]).toBeLessThan(value);
	expect(ci95[1]).toBeGreaterThan(value);
	expect(value).toBeGreaterThanOrEqual(metric.declaration.range[0]);
	expect(value).toBeLessThanOrEqual(metric.declaration.range[1]);
});

test('random scores are at chance, informative ones above', () => {
	for (const metric of Object.values(alignment)) {
		const [random, informed] = [0, 3].map((signal) => estimate(metric, examplesOf(200, signal), { seed: 1 }));
		if (random?.chance === null || random === undefined) continue;
		// One interval in twenty misses; none by much.
		expect(random.ci95?.[0]).toBeLessThan(random.chance + 0.01);
		expect(random.ci95?.[1]).toBeGreaterThan(random.chance - 0.01);
		expect(informed?.ci95?.[0]).toBeGreaterThan(informed?.chance ?? NaN);
	}
});

test('one example has a value and no interval', () => {
	const result = estimate(alignment['token_f1.macro'], examplesOf(1, 1), { seed: 1 });
	expect(result).toMatchObject({ ci95: null, n: 1, note: 'one example: no interval' });
	expect(result.value).not.toBeNull();
});

test('examples that are all alike get the exact bound in place of an interval without width', () => {
	const same = Array.from({ length: 5 }, () => ({ wordCount: 4, gold: [0, 1], predicted: [1, 2], scores: null }));
	const result = estimate(alignment['token_f1.macro'], same, { seed: 1 });
	const reach = 0.5 * (1 - 0.025 ** (1 / 5));
	expect(result.value).toBe(0.5);
	expect(result.ci95).toEqual([expect.closeTo(0.5 - reach, 12), expect.closeTo(0.5 + reach, 12)]);
	expect(result.note).toBe('all 5 examples have the same value: exact binomial bound');
	// What is no mean has no such bound.
	const micro = estimate(alignment['token_f1.micro'], same, { seed: 1 });
	expect(micro).toMatchObject({ value: 0.5, ci95: null, note: 'all resamples are alike: no interval' });
});

test('metrics together are what each is alone', () => {
	const examples = examplesOf(30, 1).map((example, i) => (i % 7 === 0 ? { ...example, predicted: null } : example));
	const all = Object.values(alignment);
	expect(estimateAll(all, examples, { seed: 4 })).toEqual(all.map((metric) => estimate(metric, examples, { seed: 4 })));
});

test('comparison on the examples both methods have', () => {
	const [strong, weak] = [examplesOf(80, 3), examplesOf(80, 0)];
	const gap = weak.map((example, index) => (index < 10 ? { ...example, predicted: null } : example));
	const result = compare(alignment['token_f1.micro'], strong, gap, { seed: 1 });
	expect(result).toMatchObject({ n: 70, missing: 10, p: 1 / 10_001, flips: 10_000 });
	expect(result.ci95?.[0]).toBeGreaterThan(0);
	const none = compare(alignment['token_f1.macro'], strong, strong, { seed: 1 });
	const reach = 1 - 0.025 ** (1 / 80);
	expect(none).toMatchObject({ difference: 0, p: 1, n: 80, flips: null, smallestP: 1 });
	expect(none.ci95).toEqual([expect.closeTo(-reach, 12), expect.closeTo(reach, 12)]);
	expect(compare(alignment['token_f1.micro'], strong, strong, { seed: 1 }).ci95).toBeNull();
	expect(compare(alignment.auroc, [], [], { seed: 1 })).toMatchObject({ difference: null, p: null, n: 0 });
	expect(() => compare(alignment.auroc, strong, [], { seed: 1 })).toThrow(/Internal/);
});

test('members compared together are what each two are alone, whatever is missing', () => {
	const members = [3, 1, 0].map((signal, member) =>
		examplesOf(30, signal).map((example, i) => (i < 4 * member ? { ...example, predicted: null } : example)),
	);
	const [a = [], b = [], c = []] = members;
	const metric = alignment['token_f1.macro'];
	const options = { seed: 2, tests: 3 };
	expect(compareEvery(metric, members, options)).toEqual([
		compare(metric, a, b, options),
		compare(metric, a, c, options),
		compare(metric, b, c, options),
	]);
});

test('every metric stands under its own id, with its family', () => {
	for (const [family, entries] of Object.entries(metrics)) {
		for (const [id, { declaration }] of Object.entries(entries)) expect(declaration).toMatchObject({ id, family });
	}
	const ids = metricDeclarations().map(({ id }) => id);
	expect(ids).toContain('comprehensiveness.aopc');
	expect(new Set(ids).size).toBe(ids.length);
});
