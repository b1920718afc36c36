import { describe, expect, it } from 'vitest';
import { prefixScores, labelThatIsAPrefix, tokensToTellApart } from './labelPrefixes.ts';
import type { AnsweredToken } from './protocol.ts';

/** The first entry is the token that was generated. */
function place(probabilities: Readonly<Record<string, number>>): AnsweredToken {
	const listed = Object.entries(probabilities).map(([token, p]) => ({ token, logprob: Math.log(p) }));
	return { ...(listed[0] as (typeof listed)[0]), top_logprobs: listed };
}

/** Rounded, so that sums of logarithms can be compared. */
function probabilities(tokens: readonly AnsweredToken[], labels: readonly string[]): number[] {
	return scoresOf(tokens, labels).logProbabilities.map((value) => Number(Math.exp(value).toFixed(9)));
}

/** Each label is spelled as it is written, and capitalised. */
function scoresOf(tokens: readonly AnsweredToken[], labels: readonly string[]) {
	return prefixScores(
		tokens,
		labels.map((label) => [label, label.charAt(0).toUpperCase() + label.slice(1)]),
	);
}

describe('prefixScores', () => {
	it('sums over the tokens that begin a spelling of a label, whatever the space before it', () => {
		const tokens = [place({ ' Pos': 0.5, neg: 0.2, Pos: 0.1, The: 0.1, negative: 0.05 })];
		expect(probabilities(tokens, ['positive', 'negative'])).toEqual([0.6, 0.25]);
		expect(scoresOf(tokens, ['positive', 'negative']).found).toEqual([true, true]);
	});

	it('leaves out what is spelled in another way', () => {
		const tokens = [place({ ' Pos': 0.5, neg: 0.2, pos: 0.1, The: 0.1, negative: 0.05 })];
		const { logProbabilities } = prefixScores(tokens, [['positive'], ['negative']]);
		expect(logProbabilities.map((value) => Number(Math.exp(value).toFixed(9)))).toEqual([0.1, 0.25]);
	});

	it('counts a token once that a server lists twice', () => {
		const [once] = [place({ pos: 0.5, neg: 0.2 })];
		const twice = { ...once, top_logprobs: [...once.top_logprobs, ...once.top_logprobs] };
		expect(probabilities([twice], ['positive', 'negative'])).toEqual([0.5, 0.2]);
	});

	it('takes no token that begins several labels, and goes on where the answer does', () => {
		const tokens = [place({ not: 0.8, sure: 0.1 }), place({ ' good': 0.75, ' bad': 0.25 })];
		expect(probabilities(tokens, ['not good', 'not bad', 'sure'])).toEqual([0.6, 0.2, 0.1]);
		expect(scoresOf(tokens, ['not good', 'not bad', 'sure']).found).toEqual([true, true, true]);
	});

	it('bounds what is not listed by the least of the listed and by what they leave over', () => {
		const least = scoresOf([place({ yes: 0.5, well: 0.2, so: 0.1 })], ['yes', 'no']);
		expect(least).toEqual({ logProbabilities: [Math.log(0.5), Math.log(0.1)], found: [true, false] });
		const rest = scoresOf([place({ yes: 0.9, well: 0.06 })], ['yes', 'no']);
		expect(rest.logProbabilities[1]).toBeCloseTo(Math.log(0.04), 9);
	});

	it('finds nothing where the model says something else', () => {
		expect(scoresOf([place({ The: 0.9, I: 0.05 })], ['yes', 'no']).found).toEqual([false, false]);
		expect(scoresOf([], ['yes', 'no']).found).toEqual([false, false]);
	});

	it('reads past space that comes as a token of its own', () => {
		const tokens = [place({ '\n': 0.9, yes: 0.05, no: 0.02 }), place({ yes: 0.6, no: 0.4 })];
		expect(scoresOf(tokens, ['yes', 'no']).found).toEqual([true, true]);
	});
});

it('asks for as many tokens as may be needed', () => {
	expect(tokensToTellApart(['yes', 'no'])).toBe(1);
	expect(tokensToTellApart(['surgeon', 'scientist'])).toBe(3);
	expect(tokensToTellApart(['not good', 'not bad'])).toBe(6);
});

it('names a label that begins another one', () => {
	expect(labelThatIsAPrefix(['yes', 'no'])).toBeUndefined();
	expect(labelThatIsAPrefix(['Neutral', 'neutral or so'])).toBe('Neutral');
});
