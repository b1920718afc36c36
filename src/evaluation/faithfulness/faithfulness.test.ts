import { describe, expect, test } from 'vitest';
import { estimate } from '../estimate.ts';
import { flipCurve } from './flipCurve.ts';
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
	const curved = [
		{
			prediction: 'a',
			curve: [
				{ share: 0.5, label: 'b' },
				{ share: 0.1, label: 'a' },
			],
		},
		{ prediction: 'a', curve: [{ share: 0.1, label: 'b' }] },
		{ prediction: 'a', curve: null },
	];

	test('is the flip rate at every share, by rising share', () => {
		expect(flipCurve(curved, options)).toMatchObject([
			{ share: 0.1, value: 0.5, n: 2, missing: 1 },
			{ share: 0.5, value: 1, n: 1, missing: 2 },
		]);
	});

	test('is empty without scores', () => expect(flipCurve(curved.slice(2), options)).toEqual([]));
});
