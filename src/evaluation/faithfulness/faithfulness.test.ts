import { describe, expect, test } from 'vitest';
import { estimate } from '../estimate.ts';
import { type CurvedExample, flipCurve } from './flipCurve.ts';
import { flipRate, flipRateExcess } from './flipRate.ts';
import { isIn, type MaskedExample } from './maskedExample.ts';

const options = { seed: 1, resamples: 200 };
const example = (
	gold: string | null,
	prediction: string,
	masked: string | null,
	control: string[] = [],
): MaskedExample => ({
	gold,
	prediction,
	masked,
	control,
});
const examples = [
	example('a', 'a', 'b', ['a', 'b']),
	example('a', 'a', 'a', ['a', 'a']),
	example('a', 'b', 'a', ['b', 'b']),
	example(null, 'b', 'a', ['a', 'a']),
	example('b', 'b', null),
];

describe('flip rate', () => {
	test('over all, correct and incorrect predictions', () => {
		const rate = (subset: Parameters<typeof isIn>[0]) =>
			estimate(
				flipRate,
				examples.filter((one) => isIn(subset, one)),
				options,
			);
		expect(rate('all')).toMatchObject({ value: 3 / 4, n: 4, missing: 1, chance: (0.5 + 0 + 0 + 1) / 4 });
		expect(rate('correct')).toMatchObject({ value: 1 / 2, n: 2, missing: 1 });
		expect(rate('incorrect')).toMatchObject({ value: 1, n: 1, missing: 0 });
	});

	test('has no chance level where an example has no control', () => {
		expect(estimate(flipRate, [example('a', 'a', 'b')], options).chance).toBeNull();
	});

	test('no flip at all is not certainty: the exact bound stands in for the interval', () => {
		const still = Array.from({ length: 20 }, () => example('a', 'a', 'a'));
		const { value, ci95, note } = estimate(flipRate, still, options);
		expect(value).toBe(0);
		expect(ci95).toEqual([0, expect.closeTo(0.1684, 4) as number]);
		expect(note).toBe('all 20 examples have the same value: exact binomial bound');
	});
});

describe('excess over random words', () => {
	test('is paired by example', () => {
		expect(estimate(flipRateExcess, examples, options)).toMatchObject({
			value: (0.5 + 0 + 1 + 0) / 4,
			n: 4,
			chance: 0,
		});
	});

	test('is missing without a control or a rationale', () => {
		const result = estimate(flipRateExcess, [example('a', 'a', 'b'), example('a', 'a', null, ['b'])], options);
		expect(result).toMatchObject({ value: null, n: 0, missing: 2 });
	});
});

describe('flip curve', () => {
	const curve = (at10: string, at50: string) => [
		{ share: 0.5, label: at50 },
		{ share: 0.1, label: at10 },
	];
	const curved: readonly CurvedExample[] = [
		{ prediction: 'a', curve: curve('a', 'b'), random: curve('a', 'a') },
		{ prediction: 'a', curve: curve('b', 'b'), random: curve('a', 'c') },
		{ prediction: 'b', curve: [{ share: 0.1, label: 'b' }], random: curve('b', 'a') },
		{ prediction: 'a', curve: null, random: curve('b', 'b') },
	];

	test('is the flip rate at every share, by rising share; by chance that of random order on the same examples', () => {
		// At 10 %: kept, flipped, kept, and none of the three by random words. At 50 %: both flipped, one of them by random words.
		expect(flipCurve(curved, options)).toMatchObject([
			{ share: 0.1, value: expect.closeTo(1 / 3, 12) as number, n: 3, missing: 1, chance: 0 },
			{ share: 0.5, value: 1, n: 2, missing: 2, chance: 0.5, ci95: [expect.closeTo(0.1581, 4) as number, 1] },
		]);
	});

	test('says why examples are missing', () => {
		expect(flipCurve(curved, options)[1]?.note).toContain(
			'left out: no prediction with 0.5 of the words masked (1), no scores (1)',
		);
	});

	test('has no chance level where nobody asked about random order', () => {
		const alone = curved.slice(0, 1).map((example) => ({ ...example, random: null }));
		expect(flipCurve(alone, options)).toMatchObject([
			{ value: 0, chance: null },
			{ value: 1, chance: null },
		]);
	});

	test('is empty without scores', () => expect(flipCurve(curved.slice(3), options)).toEqual([]));
});
