import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binomial, drawCoalitions } from './coalitions.ts';
import { seededRandom } from '../../core/random.ts';
import { constrainedFit, kernelShap } from './kernelShap.ts';
import { permutationShap } from './permutationShap.ts';
import { complement, emptySet, fullSet, nameOf } from './coalitionPlan.ts';
import { andGame, type Game, gloveGame, linearGame, play, randomGame, scoresOf, shapleyByOrders } from './testGames.ts';

const both = [kernelShap, permutationShap].map((method) => [method.declaration.id, method] as const);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const expectClose = (found: readonly number[], wanted: readonly number[], digits: number): void => {
	expect(found).toHaveLength(wanted.length);
	for (const [i, value] of wanted.entries()) expect(found[i]).toBeCloseTo(value, digits);
};
const difference = (game: Game, unitCount: number): number => game(fullSet(unitCount)) - game(emptySet(unitCount));

describe.each(both)('%s', (_, method) => {
	it.each([1, 2, 5, 13, 30])('recovers the coefficients of a linear game of %d units', async (unitCount) => {
		const coefficients = Array.from({ length: unitCount }, (_, unit) => Math.sin(unit + 1));
		expectClose(scoresOf(await play(method, linearGame(coefficients, 0.4), unitCount)), coefficients, 9);
	});

	it.each([4, 13, 20])('is complete for %d units', async (unitCount) => {
		const found = scoresOf(await play(method, randomGame(unitCount), unitCount));
		expect(Math.abs(sum(found) - difference(randomGame(unitCount), unitCount))).toBeLessThan(1e-9);
	});
});

describe('kernel_shap, exact', () => {
	it('shares the glove game and an AND as Shapley does', async () => {
		expectClose(scoresOf(await play(kernelShap, gloveGame, 3)), [2 / 3, 1 / 6, 1 / 6], 12);
		expectClose(scoresOf(await play(kernelShap, andGame([0, 2]), 3)), [1 / 2, 0, 1 / 2], 12);
	});

	it('is the mean gain over all orders', async () => {
		const game = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.nat());
		await fc.assert(
			fc.asyncProperty(game, async ([unitCount, seed]) => {
				const found = scoresOf(await play(kernelShap, randomGame(seed), unitCount));
				expectClose(found, shapleyByOrders(randomGame(seed), unitCount), 10);
			}),
			{ numRuns: 20 },
		);
		expectClose(scoresOf(await play(kernelShap, randomGame(8), 8)), shapleyByOrders(randomGame(8), 8), 10);
	});

	it.each([
		[1, 2, 1],
		[8, 256, 1],
		[12, 4096, 1],
		[13, 2 * 13 + 2048, 0],
	])('of %d units evaluates at most %d subsets', async (unitCount, evaluations, exact) => {
		const { asked, answer } = await play(kernelShap, linearGame([]), unitCount);
		expect(answer).toHaveProperty('diagnostics.exact', exact);
		if (exact === 1) expect(asked).toHaveLength(evaluations);
		else expect(asked.length).toBeGreaterThan(0.8 * evaluations);
		expect(asked.length).toBeLessThanOrEqual(evaluations);
	});
});

describe('kernel_shap, sampled', () => {
	/** Singles, pairs and one triple, whose Shapley values are known: an AND gives each of its units an equal part. */
	const game: Game = (set) =>
		linearGame([1, -0.5, 0.25])(set) + andGame([3, 4])(set) - 0.5 * andGame([5, 6])(set) + andGame([0, 7, 8])(set);
	const shapley = [1 + 1 / 3, -0.5, 0.25, 0.5, 0.5, -0.25, -0.25, 1 / 3, 1 / 3];

	it.each([14, 20, 40])('comes close for %d units', async (unitCount) => {
		const wanted = Array.from({ length: unitCount }, (_, unit) => shapley[unit] ?? 0);
		const found = scoresOf(await play(kernelShap, game, unitCount));
		const worst = Math.max(...found.map((value, unit) => Math.abs(value - (wanted[unit] ?? 0))));
		expect(worst).toBeLessThan(0.03);
		expect(sum(found)).toBeCloseTo(sum(wanted), 9);
	});

	it.each([2, 3, 6, 7])('equals the Shapley values where every subset of %d units is taken', (unitCount) => {
		const game = randomGame(unitCount);
		const every = drawCoalitions(unitCount, 2 ** unitCount - 2, seededRandom(1));
		expect(new Set(every.map(({ set }) => nameOf(set))).size).toBe(2 ** unitCount - 2);
		const values = every.map(({ set }) => game(set));
		const fitted = constrainedFit(every, values, game(emptySet(unitCount)), game(fullSet(unitCount)));
		expectClose(fitted ?? [], shapleyByOrders(game, unitCount), 9);
	});

	it('comes closer with more evaluations', async () => {
		const error = async (evaluations: number): Promise<number> => {
			const found = scoresOf(await play(kernelShap, randomGame(4), 10, { evaluations }));
			const exact = scoresOf(await play(kernelShap, randomGame(4), 10));
			return Math.hypot(...found.map((value, unit) => value - (exact[unit] ?? 0)));
		};
		const [few, more] = [await error(60), await error(900)];
		expect(more).toBeLessThan(few / 2);
	});
});

describe('drawCoalitions', () => {
	it.each([2, 3, 6, 13, 40])('of %d units comes in pairs of complements, never empty or full', (unitCount) => {
		for (const count of [2, 41, 300]) {
			const drawn = drawCoalitions(unitCount, count, seededRandom(count));
			expect(drawn.length).toBeLessThanOrEqual(count);
			for (let i = 0; i < drawn.length; i += 2) {
				const [one, other] = [drawn[i], drawn[i + 1]];
				expect(complement(one?.set ?? [])).toEqual(other?.set);
				expect(one?.set.includes(true) && one.set.includes(false)).toBe(true);
				expect(one?.weight).toBe(other?.weight);
			}
		}
	});

	it('weighs sizes as the kernel does', () => {
		const drawn = drawCoalitions(7, 126, seededRandom(1));
		const ofSize = (size: number): number =>
			sum(drawn.filter(({ set }) => set.filter(Boolean).length === size).map(({ weight }) => weight));
		for (const size of [1, 2, 3, 4, 5, 6]) expect(ofSize(size)).toBeCloseTo(1 / (size * (7 - size)), 12);
	});

	it('gives drawn sizes the weight that the whole ones leave', () => {
		const drawn = drawCoalitions(30, 500, seededRandom(1));
		const wanted = Array.from({ length: 29 }, (_, i) => 1 / ((i + 1) * (29 - i)));
		expect(sum(drawn.map(({ weight }) => weight))).toBeCloseTo(sum(wanted), 12);
		const single = drawn.filter(({ set }) => set.filter(Boolean).length === 1);
		expect(single).toHaveLength(30);
	});
});

describe('permutation_shap', () => {
	it('comes within three standard errors of the Shapley values', async () => {
		const { answer } = await play(permutationShap, randomGame(2), 8);
		const wanted = shapleyByOrders(randomGame(2), 8);
		if ('missing' in answer) throw new Error(answer.missing);
		for (const [unit, score] of answer.scores.entries()) {
			const error = answer.standardErrors?.[unit] ?? NaN;
			expect(error).toBeGreaterThan(0);
			expect(Math.abs(score - (wanted[unit] ?? NaN))).toBeLessThan(3 * error);
		}
		expect(answer.diagnostics).toMatchObject({
			orders: 50,
			largestStandardError: Math.max(...(answer.standardErrors ?? [])),
		});
	});

	it('is exact, with no error, where an order and its reverse cover everything', async () => {
		const { answer, asked } = await play(permutationShap, andGame([0, 1]), 2);
		expect(answer).toMatchObject({ scores: [0.5, 0.5], standardErrors: [0, 0] });
		expect(asked).toHaveLength(4);
	});

	it('has no standard error from a single pair', async () => {
		const { answer, asked } = await play(permutationShap, randomGame(1), 9, { evaluations: 2 + 2 * 8 });
		expect(answer).toMatchObject({ standardErrors: null, diagnostics: { orders: 2, largestStandardError: null } });
		expect(asked).toHaveLength(18);
		expect((await play(permutationShap, randomGame(1), 9, { evaluations: 17 })).answer).toEqual({
			missing: '9 units need 18 evaluations, the study allows 17',
		});
	});

	it('evaluates at most 50 (U - 1) + 2 subsets', async () => {
		const { asked } = await play(permutationShap, linearGame([]), 40);
		expect(asked.length).toBeLessThanOrEqual(50 * 39 + 2);
		expect(asked.length).toBeGreaterThan(1800);
	});
});

it('binomial counts subsets', () => {
	expect([0, 1, 2, 3, 4, 5].map((k) => binomial(5, k))).toEqual([1, 5, 10, 10, 5, 1]);
});

it('subsets in which all units but one stand alone determine the fit, whatever the budget and the draw', () => {
	for (const unitCount of [13, 20, 31]) {
		for (const evaluations of [2 * unitCount + 4, 2 * unitCount + 10, 200, 1000]) {
			const random = seededRandom('determined', unitCount, evaluations);
			const plan = kernelShap.plan({ unitCount, random, evaluations });
			if ('missing' in plan) throw new Error(plan.missing);
			// Reading solves the fit, and throws where it has no single solution.
			const weights = Array.from({ length: unitCount }, (_, unit) => unit - 3);
			const values = plan.sets.map((set) =>
				set.reduce((sum, isIn, unit) => sum + (isIn ? (weights[unit] ?? 0) : 0), 1),
			);
			for (const [unit, phi] of plan.read(values).scores.entries()) expect(phi).toBeCloseTo(weights[unit] ?? NaN, 6);
		}
	}
});
