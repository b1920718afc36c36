import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { segmentOf } from '../core/example.ts';
import { countWords, meanAnnotatedShare, selectWords, selections } from './selection.ts';
import type { SelectionContext, SelectionId, Threshold, Rationale } from './selection.ts';
import type { Attribution } from './attribution.ts';

const contextOf = (wordCount: number, changes: Partial<SelectionContext> = {}): SelectionContext => ({
	seed: 7,
	exampleId: 'e1',
	wordCount,
	annotated: [0, 1],
	meanShare: 0.3,
	fixedCount: 3,
	...changes,
});

const scoresOnly = (scores: Attribution['scores']): Attribution => ({ scores, own: null });

/** Returns the choice of a selection that can be made. */
function choice(selection: SelectionId, attribution: Attribution, context: SelectionContext): Rationale {
	const result = selectWords(selection, attribution, context);
	if ('missing' in result) throw new Error(result.missing);
	return result;
}

describe('countWords', () => {
	it('takes the number of annotated words of the example, and nothing where there is none', () => {
		expect(countWords('top_var', contextOf(9, { annotated: [1, 4, 6] }))).toEqual({ value: 3 });
		expect(countWords('top_var', contextOf(9, { annotated: null }))).toEqual({ missing: 'no annotation' });
		expect(countWords('top_var', contextOf(9, { annotated: [] }))).toEqual({ missing: 'the annotation marks no word' });
	});

	it.each([
		[0.3, 10, 3],
		[0.25, 10, 3],
		[0.24, 10, 2],
		[0.01, 10, 1],
		[0, 10, 1],
		[0.145, 100, 15],
		[1, 4, 4],
	])('rounds a share of %d of %i words half up to %i, at least 1', (meanShare, wordCount, value) => {
		expect(countWords('top_ratio', contextOf(wordCount, { meanShare }))).toEqual({ value });
	});

	it('has no share where nothing is annotated', () => {
		expect(countWords('top_ratio', contextOf(9, { meanShare: null }))).toHaveProperty('missing');
	});

	it('takes a fixed share of the words, rounded as the mean share is', () => {
		const counts = [3, 8, 23].map((words) => countWords('top_share', contextOf(words, { fixedShare: 0.2 })));
		expect(counts).toEqual([{ value: 1 }, { value: 2 }, { value: 5 }]);
		expect(countWords('top_share', contextOf(9))).toHaveProperty('missing');
	});

	it('takes a fixed number and refuses what is none', () => {
		expect(countWords('top_k', contextOf(9))).toEqual({ value: 3 });
		expect(countWords('top_k', contextOf(9, { fixedCount: null }))).toHaveProperty('missing');
		expect(() => countWords('top_k', contextOf(9, { fixedCount: 2.5 }))).toThrow('at least 1, got 2.5');
	});
});

describe('meanAnnotatedShare', () => {
	it('is the mean over annotated examples, null without any', () => {
		const examples = [
			{ annotated: [0], wordCount: 4 },
			{ annotated: [0, 1, 2], wordCount: 4 },
			{ annotated: null, wordCount: 4 },
		];
		expect(meanAnnotatedShare(examples)).toBe(0.5);
		expect(meanAnnotatedShare(examples.slice(2))).toBeNull();
	});
});

describe('selectWords', () => {
	it('takes the largest signed scores, best first', () => {
		expect(choice('top_k', scoresOnly([-5, 2, 9, 0, 4]), contextOf(5))).toEqual({ words: [2, 4, 1], ties: 0 });
	});

	it('fills up with negative scores but never with words that have none', () => {
		expect(choice('top_k', scoresOnly([null, -1, null, -2]), contextOf(4)).words).toEqual([1, 3]);
	});

	it('counts the words left out that equal the last one chosen', () => {
		expect(choice('top_k', scoresOnly([1, 5, 1, 1, 1, null]), contextOf(6)).ties).toBe(2);
		expect(choice('top_k', scoresOnly([3, 2, 1, 0]), contextOf(4)).ties).toBe(0);
	});

	it('breaks ties in one random order for all methods, by seed and example', () => {
		const flat = scoresOnly(Array.from({ length: 20 }, () => 0));
		const context = contextOf(20, { fixedCount: 20 });
		const order = choice('top_k', flat, context).words;
		const halves = choice('top_k', scoresOnly(Array.from({ length: 20 }, (_, i) => (i < 10 ? 1 : 0))), context).words;
		expect(halves).toEqual([...order.filter((word) => word < 10), ...order.filter((word) => word >= 10)]);
		expect(choice('top_k', flat, { ...context, seed: 8 }).words).not.toEqual(order);
		expect(choice('top_k', flat, { ...context, exampleId: 'e2' }).words).not.toEqual(order);
	});

	it('leaves the choice to a method that makes one', () => {
		const attribution: Attribution = { scores: [0, 0.5, 0, 1, 0], own: [3, 1] };
		expect(choice('own', attribution, contextOf(5))).toEqual({ words: [3, 1], ties: 0 });
		expect(selectWords('own', scoresOnly([1, 2]), contextOf(2))).toHaveProperty('missing');
	});

	it('cuts such a choice in its own order and does not fill it up', () => {
		const attribution: Attribution = { scores: [0, 0.5, 0, 1, 0], own: [3, 1] };
		expect(choice('top_k', attribution, contextOf(5, { fixedCount: 1 }))).toEqual({ words: [3], ties: 0 });
		expect(choice('top_k', attribution, contextOf(5)).words).toEqual([3, 1]);
	});

	it('treats a choice without scores as all equal', () => {
		const attribution: Attribution = { scores: null, own: [0, 2, 4] };
		expect(choice('own', attribution, contextOf(5)).words.toSorted((a, b) => a - b)).toEqual([0, 2, 4]);
		expect(choice('top_k', attribution, contextOf(5, { fixedCount: 1 })).ties).toBe(2);
	});

	it('leaves out chosen words without a token', () => {
		expect(choice('own', { scores: [1, null], own: [1, 0] }, contextOf(2)).words).toEqual([0]);
	});

	it('passes on why there is no number of words', () => {
		expect(selectWords('top_var', scoresOnly([1, 2]), contextOf(2, { annotated: null }))).toEqual({
			missing: 'no annotation',
		});
	});

	it('refuses scores of another example', () => {
		expect(() => selectWords('top_k', scoresOnly([1]), contextOf(2))).toThrow(
			'Internal: 1 scores for the 2 words of e1',
		);
	});

	it('chooses min(k, scored words) words, none worse than one left out', () => {
		const scores = fc.array(fc.option(fc.integer({ min: -3, max: 3 })), { minLength: 1 });
		fc.assert(
			fc.property(scores, fc.integer({ min: 1, max: 12 }), (list, fixedCount) => {
				const { words, ties } = choice('top_k', scoresOnly(list), contextOf(list.length, { fixedCount }));
				const chosen = words.map((word) => list[word] ?? NaN);
				const rest = list.filter((score, word) => score !== null && !words.includes(word));
				expect(words.length).toBe(Math.min(fixedCount, list.filter((score) => score !== null).length));
				expect(new Set(words).size).toBe(words.length);
				expect(rest.every((score) => (score ?? NaN) <= Math.min(...chosen))).toBe(true);
				expect(ties).toBe(rest.filter((score) => score === chosen.at(-1)).length);
			}),
		);
	});
});

describe('threshold', () => {
	const attribution = scoresOnly([4, -2, 1, 2, null, 1]);

	it('takes what reaches a share of the largest score, or of the way to it, best first', () => {
		const at = (threshold: Threshold) => choice('threshold', attribution, contextOf(6, { threshold })).words;
		expect(at({ share: 0.5, of: 'maximum' })).toEqual([0, 3]);
		expect(at({ share: 1, of: 'maximum' })).toEqual([0]);
		expect(at({ share: 0.5, of: 'range' }).toSorted((a, b) => a - b)).toEqual([0, 2, 3, 5]);
	});

	it('is missing without a bound, a score, or a positive score', () => {
		const threshold: Threshold = { share: 0.5, of: 'maximum' };
		expect(selectWords('threshold', attribution, contextOf(6))).toHaveProperty('missing');
		expect(selectWords('threshold', scoresOnly([null]), contextOf(1, { threshold }))).toHaveProperty('missing');
		expect(selectWords('threshold', scoresOnly([0, -1]), contextOf(2, { threshold }))).toHaveProperty('missing');
	});
});

describe('spans', () => {
	const segments = [segmentOf('premise', 'A man sleeps. He snores.'), segmentOf('hypothesis', 'He runs')];
	const example = { id: 'e1', segments, label: null, annotations: [] };
	const context = contextOf(7, { example, guidedBy: 'top_k', fixedCount: 2 });

	it('takes the consecutive words of one segment with the largest sum, best first', () => {
		const found = choice('contiguous', scoresOnly([0, 1, 3, -1, 4, 5, -3]), context);
		expect(found).toEqual({ words: [2, 1], ties: 0 });
	});

	it('takes a whole segment that is shorter, and leaves out words without a score', () => {
		const long = { ...context, fixedCount: 3 };
		expect(choice('contiguous', scoresOnly([0, 0, 0, 0, 0, 5, null]), long).words).toEqual([5]);
	});

	it('takes a whole sentence', () => {
		expect(choice('sentence', scoresOnly([0, 1, 3, 2, 2, 3, -3]), context)).toMatchObject({ ties: 1 });
		expect(choice('sentence', scoresOnly([0, 1, 2, 2, 2, 3, -3]), context)).toEqual({ words: [3, 4], ties: 0 });
	});

	it('draws one of equal spans by seed and example', () => {
		const flat = scoresOnly([1, 1, 1, 1, 1, 1, 1]);
		const drawn = [1, 2, 3, 4, 5, 6].map((seed) => choice('contiguous', flat, { ...context, seed }));
		expect(new Set(drawn.map(({ words }) => Math.min(...words))).size).toBeGreaterThan(1);
		expect(drawn[0]).toEqual(choice('contiguous', flat, { ...context, seed: 1 }));
		expect(drawn[0]?.ties).toBe(4);
	});

	it('is missing where nothing is scored or there is no number of words', () => {
		expect(selectWords('sentence', scoresOnly([null, null, null, null, null, null, null]), context)).toHaveProperty(
			'missing',
		);
		const without = { ...context, guidedBy: 'top_var' as const, annotated: null };
		expect(selectWords('contiguous', scoresOnly([1, 1, 1, 1, 1, 1, 1]), without)).toEqual({ missing: 'no annotation' });
	});
});

it('selections have the ids that others rely on', () => {
	expect(Object.keys(selections)).toEqual([
		'top_var',
		'top_ratio',
		'top_share',
		'top_k',
		'own',
		'matched',
		'threshold',
		'contiguous',
		'sentence',
	]);
});
