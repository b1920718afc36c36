import { describe, expect, it } from 'vitest';
import { segmentOf } from '../../core/example.ts';
import type { Example } from '../../core/example.ts';
import { human } from './human.ts';
import { random } from './random.ts';

const example: Example = { id: 'e1', segments: [segmentOf('text', 'a b c d e f g h')], label: null, annotations: [] };
const context = { example, seed: 7, annotated: [2, 5] };

describe('random', () => {
	it('gives every word another rank', () => {
		const ranking = random.rank(context);
		expect('scores' in ranking && ranking.scores?.toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual([
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
