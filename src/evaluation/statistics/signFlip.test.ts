import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { hasValue, missing, type Score, scored } from '../../core/score.ts';
import { holm } from './holm.ts';
import { swapTest } from './randomisation.ts';
import { drawsPerBlock, signDraws, signedSums } from './signDraws.ts';
import { exactSignFlip, smallestSignFlip } from './signFlip.ts';
import { mostDraws, signFlipTests } from './signFlipTests.ts';

const repeated = (value: number, times: number): number[] => Array.from({ length: times }, () => value);

/** Differences of token F1, tiny-instruct on 40 planted biographies (seed 7), top_var, attn_lrp against random. */
const planted = [...repeated(1, 25), ...repeated(0.5, 8), ...repeated(0.75, 4), ...repeated(0, 3)];

describe('exact p of all signs', () => {
	/** p of the first six by SciPy 1.17 `permutation_test(permutation_type='samples', n_resamples=inf)`, of the others by counting with fractions. */
	const cases: [name: string, differences: number[], p: number][] = [
		['normal, 5', [-0.5019, -1.0244, 0.0516, 0.7204, 1.436], 0.8125],
		['normal, 9', [1.1097, 0.4474, 0.2152, 1.7487, 2.6348, 1.2728, -0.2333, 0.0417, 2.6], 0.015625],
		[
			'normal, 12',
			[0.7029, -1.2321, 0.4163, -0.6632, -0.1293, 0.012, -0.2133, 1.0534, 0.4369, -0.0894, 0.9096, 1.3299],
			0.337890625,
		],
		[
			'normal, 16',
			[
				-1.4731, -0.0567, -0.7807, 0.0268, -1.0894, 0.2207, 0.1621, -0.1043, -0.8479, -0.1962, -0.8913, -1.1552, 0.4248,
				-0.9093, 1.3703, 0.9166,
			],
			0.184539794921875,
		],
		['flips, 10', [0, 0, 1, 1, 1, -1, 1, 1, 1, 1], 0.0703125],
		[
			'fractions, 14',
			[1, -0.4, -0.14285714285714285, 0.5, 0, 1.4, 1.25, 0.125, 1.5, 0.75, 0.4, 0.875, 0.8, 0],
			0.00537109375,
		],
		[
			'quarters, 60',
			[
				...repeated(-0.25, 5),
				...repeated(0.25, 5),
				...repeated(0.5, 14),
				...repeated(-0.5, 9),
				...repeated(1, 7),
				...repeated(0, 9),
				...repeated(-0.75, 5),
				...repeated(0.75, 6),
			],
			0.02288445330489175,
		],
		['flips, 300', [...repeated(1, 170), ...repeated(-1, 30), ...repeated(0, 100)], 6.173135356213868e-25],
		[
			'different, 40',
			[
				0.601646, 1.038781, 1.196619, -0.977332, 1.172953, 1.869387, 0.941553, -0.570346, 0.281627, 1.097617, 1.023871,
				1.332545, 0.967878, 0.960681, 0.839342, 0.94012, 1.280113, 1.009824, 1.250221, 2.150594, 1.439559, 0.411955,
				2.066765, 1.373905, 0.729293, 1.653524, 1.208828, 0.892391, 0.883246, 0.703284, 1.224059, 1.734408, 1.037474,
				1.410412, 2.137823, 0.592705, 1.328761, 1.046782, 0.670372, 0.687076,
			],
			2.5283952709287405e-10,
		],
		['planted biographies, 40', planted, 2 ** -36],
	];

	test.each(cases)('%s', (_, differences, p) => {
		expect((exactSignFlip(Float64Array.from(differences)) ?? NaN) / p).toBeCloseTo(1, 12);
	});

	test('is what counting every way of signs gives, with ties, zeros and all signs', () => {
		for (let run = 0; run < 60; run++) {
			const random = seededRandom('signs', run);
			const step = random.pick([0, 0.1, 0.25, 1 / 3]);
			const differences = Float64Array.from({ length: 1 + random.integer(10) }, () =>
				step === 0 ? random.normal() : step * (random.integer(7) - 2),
			);
			expect(exactSignFlip(differences)).toBeCloseTo(byCounting(differences), 12);
		}
	});

	test('after Holm over the 210 pairs of 21 methods: 3e-9, by swaps of a thousand it was 0.21', () => {
		const p = exactSignFlip(Float64Array.from(planted)) ?? NaN;
		const others = repeated(0.5, 209);
		expect(holm([p, ...others])[0]).toBeCloseTo(210 * 2 ** -36, 15);
	});

	test('gives up where the sums are too many, and says what p there could be', () => {
		const random = seededRandom('many');
		const differences = Float64Array.from({ length: 60 }, () => random.normal());
		expect(exactSignFlip(differences)).toBeNull();
		expect(smallestSignFlip(Float64Array.of(0.2, 0, -0.1, 0.3))).toBe(0.25);
		expect(smallestSignFlip(Float64Array.of(0, 0))).toBe(1);
	});

	test('counts up to 24 differences whatever they are', () => {
		for (let run = 0; run < 5; run++) {
			const random = seededRandom('up to 24', run);
			expect(exactSignFlip(Float64Array.from({ length: 24 }, () => random.normal()))).not.toBeNull();
		}
	});
});

describe('drawn signs', () => {
	const against0 = (first: Float64Array) => ({ first, second: new Float64Array(first.length), differences: first });
	const drawn = (n: number, shift: number, tests: number) => {
		const random = seededRandom('drawn', n);
		const first = Float64Array.from({ length: n }, () => random.normal() + shift);
		return signFlipTests([against0(first)], signDraws(3), tests)[0];
	};

	test('each sign of each draw comes up half of the time, and signed sums are the sums under them', () => {
		const n = 11;
		const signs = signDraws(1)(n, 0);
		const values = Float64Array.from({ length: n }, (_, i) => 2 ** i);
		const sums = signedSums(values, signs);
		for (let i = 0; i < n; i++) {
			const positive = Array.from(
				{ length: drawsPerBlock },
				(_, k) => ((signs[(i >> 3) * drawsPerBlock + k] ?? 0) >> (i & 7)) & 1,
			);
			expect(Math.abs(positive.filter(Boolean).length / drawsPerBlock - 0.5)).toBeLessThan(0.02);
		}
		for (const k of [0, 17, 9999]) {
			const bits = (signs[k] ?? 0) + 256 * ((signs[drawsPerBlock + k] ?? 0) & 7);
			expect(sums[k]).toBe(2 * bits - (2 ** n - 1));
		}
	});

	test('come close to the exact p', () => {
		const random = seededRandom('close');
		// With sixty multiples of a hundredth the exact p is known; as multiples of pi it has to be drawn.
		const units = Array.from({ length: 60 }, () => random.integer(400) - 175);
		const exact = exactSignFlip(Float64Array.from(units, (unit) => unit / 100)) ?? NaN;
		const first = Float64Array.from(units, (unit) => unit * Math.PI);
		const found = signFlipTests([against0(first)], signDraws(2), 1)[0];
		expect(found?.flips).toBe(drawsPerBlock);
		expect(Math.abs((found?.p ?? NaN) - exact)).toBeLessThan(5 * Math.sqrt((exact * (1 - exact)) / drawsPerBlock));
	});

	test('at least 10,000; more where more tests are corrected together, until p is known or small enough', () => {
		expect(drawn(200, 0, 1)).toMatchObject({ flips: 10_000 });
		expect(drawn(200, 0, 465)).toMatchObject({ flips: 10_000 });
		const small = drawn(200, 0.3, 465);
		expect(small?.flips).toBeGreaterThan(10_000);
		expect(mostDraws(25)).toBe(10_000);
		expect(mostDraws(465)).toBe(190_000);
		// Never farther in any draw: p times the tests is far below 0.05.
		expect(drawn(2000, 0.5, 465)).toEqual({ p: 1 / 190_001, flips: 190_000, smallestP: 1 / 190_001 });
	});

	test('rejects a true null hypothesis about as often as it says', () => {
		let rejected = 0;
		for (let run = 0; run < 300; run++) {
			const random = seededRandom('null', run);
			const draw = (): Float64Array => Float64Array.from({ length: 40 }, () => random.normal());
			const [first, second] = [draw(), draw()];
			const differences = first.map((value, i) => value - (second[i] ?? NaN));
			const [found] = signFlipTests([{ first, second, differences }], signDraws(run), 30);
			if ((found?.p ?? 1) <= 0.05) rejected++;
		}
		expect(rejected / 300).toBeGreaterThan(0.015);
		expect(rejected / 300).toBeLessThan(0.095);
	});

	test('are the same whoever asks first', () => {
		const [one, other] = [signDraws(5), signDraws(5)];
		other(40, 1);
		expect(one(40, 0)).toEqual(other(40, 0));
		expect(one(40, 0)).not.toEqual(one(40, 1));
	});
});

describe('swaps of any statistic', () => {
	const options = { seed: 3, draws: 10_000 };
	const sumOf = (values: readonly number[]) => (swaps: Uint8Array) =>
		scored(values.reduce((sum, value, i) => sum + (swaps[i] === 1 ? -value : value), 0));

	test('all of them up to 13 pairs', () => {
		const differences = [3, 1.5, -1, 1, 0, 4, 2.5];
		const { p, flips, smallestP } = swapTest(7, sumOf(differences), options);
		expect(p).toBeCloseTo(exactSignFlip(Float64Array.from(differences)) ?? NaN, 12);
		expect([flips, smallestP]).toEqual([null, 2 / 128]);
	});

	test('drawn beyond', () => {
		const differences = Array.from({ length: 20 }, (_, i) => Math.sin(i) + 0.2);
		const exact = exactSignFlip(Float64Array.from(differences)) ?? NaN;
		const { p, flips } = swapTest(20, sumOf(differences), options);
		expect(flips).toBe(10_000);
		expect(p).toBeGreaterThan(exact - 0.02);
		expect(p).toBeLessThan(exact + 0.02);
	});

	test('without a value are left out; too many give no p', () => {
		const mixed = (swaps: Uint8Array): Score =>
			swaps.every((swap) => swap === swaps[0]) ? scored(1) : missing('mixed');
		expect(swapTest(3, mixed, options)).toEqual({ p: null, flips: null, smallestP: null });
		expect(swapTest(30, mixed, { seed: 1, draws: 40 })).toEqual({ p: null, flips: null, smallestP: null });
		expect(hasValue(mixed(new Uint8Array(3)))).toBe(true);
	});
});

function byCounting(differences: Float64Array): number {
	const observed = Math.abs(differences.reduce((sum, value) => sum + value, 0));
	let farther = 0;
	for (let signs = 0; signs < 2 ** differences.length; signs++) {
		const sum = differences.reduce((total, value, i) => total + ((signs >> i) & 1 ? -value : value), 0);
		if (Math.abs(sum) >= observed - 1e-9) farther++;
	}
	return farther / 2 ** differences.length;
}
