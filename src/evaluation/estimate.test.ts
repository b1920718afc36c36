import { expect, test } from 'vitest';
import { seededRandom } from '../core/random.ts';
import type { AlignedExample } from './alignment/alignedExample.ts';
import { compare } from './compare.ts';
import { estimate } from './estimate.ts';
import { metricDeclaration, metricDeclarations, metrics } from './metrics.ts';

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

test('an interval without width is explained', () => {
	const same = Array.from({ length: 5 }, () => ({ wordCount: 4, gold: [0, 1], predicted: [1, 2], scores: null }));
	const result = estimate(alignment['token_f1.macro'], same, { seed: 1 });
	expect(result).toMatchObject({ value: 0.5, ci95: [0.5, 0.5] });
	expect(result.note).toBe('all resamples are alike: the interval shows no uncertainty');
});

test('comparison on the examples both methods have', () => {
	const [strong, weak] = [examplesOf(80, 3), examplesOf(80, 0)];
	const gap = weak.map((example, index) => (index < 10 ? { ...example, predicted: null } : example));
	const result = compare(alignment['token_f1.micro'], strong, gap, { seed: 1 });
	expect(result).toMatchObject({ n: 70, missing: 10, p: 1 / 1001 });
	expect(result.ci95?.[0]).toBeGreaterThan(0);
	const none = compare(alignment['token_f1.micro'], strong, strong, { seed: 1 });
	expect(none).toMatchObject({ difference: 0, p: 1, n: 80 });
	expect(compare(alignment.auroc, [], [], { seed: 1 })).toMatchObject({ difference: null, p: null, n: 0 });
	expect(() => compare(alignment.auroc, strong, [], { seed: 1 })).toThrow(/Internal/);
});

test('every metric stands under its own id, with its family', () => {
	for (const [family, entries] of Object.entries(metrics)) {
		for (const [id, { declaration }] of Object.entries(entries)) expect(declaration).toMatchObject({ id, family });
	}
	const ids = metricDeclarations().map(({ id }) => id);
	expect(ids).toContain('comprehensiveness.aopc');
	expect(new Set(ids).size).toBe(ids.length);
	expect(metricDeclaration('auroc').title).toContain('ROC');
	expect(() => metricDeclaration('auroc2')).toThrow(/Did you mean "auroc"/);
});
