import { describe, expect, it } from 'vitest';
import { segmentOf } from '../../core/example.ts';
import type { Example } from '../../core/example.ts';
import { corrupted } from './corrupted.ts';
import { human } from './human.ts';
import { random } from './random.ts';

const example: Example = { id: 'e1', segments: [segmentOf('text', 'a b c d e f g h')], label: null, annotations: [] };
const context = { example, seed: 7, annotated: [2, 5] };

describe('random', () => {
	it('gives every word another rank', () => {
		const attribution = random.rank(context);
		expect('scores' in attribution && attribution.scores?.toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual([
			1, 2, 3, 4, 5, 6, 7, 8,
		]);
	});

	it('depends on the seed and the example alone', () => {
		expect(random.rank({ ...context, annotated: null })).toEqual(random.rank(context));
		expect(random.rank({ ...context, seed: 8 })).not.toEqual(random.rank(context));
		expect(random.rank({ ...context, example: { ...example, id: 'e2' } })).not.toEqual(random.rank(context));
	});
});

describe('human', () => {
	it('chooses the annotated words', () => {
		expect(human.rank(context)).toEqual({ scores: null, own: [2, 5] });
	});

	it.each([
		[null, 'no annotation'],
		[[], 'the annotation marks no word'],
	])('is missing for %j', (annotated, missing) => {
		expect(human.rank({ ...context, annotated })).toEqual({ missing });
	});
});

describe('corrupted', () => {
	const bestOf = (share: number, id: string, count: number): number[] => {
		const attribution = corrupted(share).rank({ ...context, example: { ...example, id } });
		if ('missing' in attribution || attribution.scores === null) throw new Error('no scores');
		const scores = attribution.scores.map((score) => score ?? 0);
		expect(scores.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
		return [...scores.keys()].toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0)).slice(0, count);
	};
	const ids = Array.from({ length: 400 }, (_, i) => `e${i}`);
	const hits = (share: number): number[] =>
		ids.map((id) => bestOf(share, id, 2).filter((word) => [2, 5].includes(word)).length);

	it('puts the annotated words first where nothing is exchanged, none of them where all is', () => {
		expect(new Set(hits(0))).toEqual(new Set([2]));
		expect(new Set(hits(1))).toEqual(new Set([0]));
	});

	it('exchanges the share on average', () => {
		const mean = hits(0.25).reduce((sum, count) => sum + count / 2, 0) / ids.length;
		expect(mean).toBeGreaterThan(0.7);
		expect(mean).toBeLessThan(0.8);
	});

	it('keeps what it must where there are too few other words', () => {
		const attribution = corrupted(1).rank({ ...context, annotated: [0, 1, 2, 3, 4, 5, 6] });
		expect(attribution).toHaveProperty('scores');
	});

	it('is missing without an annotation', () => {
		expect(corrupted(0.5).rank({ ...context, annotated: null })).toEqual({ missing: 'no annotation' });
	});
});
