import { describe, expect, it } from 'vitest';
import { lime } from './lime.ts';
import { nameOf } from './coalitionPlan.ts';
import { andGame, linearGame, play, scoresOf } from './testGames.ts';

describe('lime', () => {
	it('recovers the coefficients of a linear game, up to the ridge', async () => {
		const coefficients = [2, -1, 0.5, 0, 1, -0.25];
		const { answer } = await play(lime, linearGame(coefficients, 0.3), 6);
		if ('missing' in answer) throw new Error(answer.missing);
		for (const [unit, value] of coefficients.entries()) {
			expect(Math.abs((answer.scores[unit] ?? NaN) - value)).toBeLessThan(0.1);
		}
		expect(answer.diagnostics['weightedR2']).toBeGreaterThan(0.99);
		expect(answer.diagnostics['weightedR2']).toBeLessThan(1);
	});

	it('finds the units of an AND, and says that it is not linear', async () => {
		const { answer } = await play(lime, andGame([1, 3]), 10);
		if ('missing' in answer) throw new Error(answer.missing);
		const order = answer.scores
			.map((_, unit) => unit)
			.toSorted((a, b) => (answer.scores[b] ?? 0) - (answer.scores[a] ?? 0));
		expect(new Set(order.slice(0, 2))).toEqual(new Set([1, 3]));
		expect(answer.diagnostics['weightedR2']).toBeLessThan(0.9);
	});

	it('has no R^2 where nothing changes', async () => {
		const { answer } = await play(lime, () => 0.7, 4);
		expect(answer).toMatchObject({ scores: [0, 0, 0, 0], diagnostics: { weightedR2: null } });
	});

	it.each([
		[3, 2 ** 3],
		[30, 1000],
		[80, 1600],
	])('draws min(max(1000, 20 U), 5000) subsets: %d units', async (unitCount, most) => {
		const { asked } = await play(lime, linearGame([]), unitCount);
		expect(asked.length).toBeLessThanOrEqual(most);
		expect(asked.length).toBeGreaterThan(0.85 * most);
		expect(nameOf(asked[0] ?? [])).toBe('1'.repeat(unitCount));
	});

	it('has the coefficients of a single unit in closed form', async () => {
		const [score] = scoresOf(await play(lime, linearGame([1]), 1));
		const [full, rest] = [1, 999 * Math.exp(-8)];
		const spread = (full * rest) / (full + rest);
		expect(score).toBeCloseTo(spread / (spread + 1), 12);
	});
});
