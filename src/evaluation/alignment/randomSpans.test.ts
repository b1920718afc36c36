import { expect, test } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { estimate } from '../estimate.ts';
import { iouF1 } from './iouF1.ts';
import { randomSpans } from './randomSpans.ts';
import { maximalSpans, spanIou } from './spans.ts';

test('spans keep their lengths, stay inside and apart', () => {
	const random = seededRandom(1);
	for (let draw = 0; draw < 200; draw++) {
		const spans = randomSpans([3, 1, 2], 9, random);
		expect(spans.map(({ start, end }) => end - start).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
		const words = spans.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i));
		expect(maximalSpans(words)).toEqual(spans);
		expect(Math.max(...words)).toBeLessThan(9);
		expect(Math.min(...words)).toBeGreaterThanOrEqual(0);
	}
});

test('all places are alike', () => {
	const random = seededRandom(2);
	const counts = new Map<string, number>();
	for (let draw = 0; draw < 6000; draw++) {
		const key = JSON.stringify(randomSpans([1, 1], 4, random).map(({ start }) => start));
		counts.set(key, (counts.get(key) ?? 0) + 1);
	}
	expect([...counts.keys()].toSorted()).toEqual(['[0,2]', '[0,3]', '[1,3]']);
	for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(150);
});

test('the chance level of IOU F1 is the share of places that match', () => {
	// One span of 2 words in 10 against words 4 and 5: only the same place has an IoU of at least 0.5, 1 of 9.
	const item = { wordCount: 10, gold: [4, 5], predicted: [0, 1], scores: null };
	const many = Array.from({ length: 60 }, (_, i) => ({ ...item, wordCount: 10, gold: [i % 9, (i % 9) + 1] }));
	expect(spanIou({ start: 4, end: 6 }, { start: 5, end: 7 })).toBeLessThan(0.5);
	const found = estimate(iouF1, many, { seed: 1, resamples: 10 });
	expect(found.chance).toBeGreaterThan(1 / 9 - 0.04);
	expect(found.chance).toBeLessThan(1 / 9 + 0.04);
	expect(estimate(iouF1, many, { seed: 9, resamples: 10 }).chance).toBe(found.chance);
});
