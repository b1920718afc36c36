import { describe, expect, it } from 'vitest';
import { methods } from '../methods.ts';
import { explainUnits, rememberedValues } from './explainUnits.ts';
import { emptySet, fullSet, nameOf, type UnitSet } from './coalitionPlan.ts';
import { linearGame, play, randomGame, scoresOf } from './testGames.ts';

const { occlusion, lime, kernel_shap: kernelShap, permutation_shap: permutationShap } = methods;
const all = [occlusion, lime, kernelShap, permutationShap].map((method) => [method.declaration.id, method] as const);

describe.each(all)('%s', (_, method) => {
	it('asks once about every subset it needs, in one call', async () => {
		const { asked, calls, answer } = await play(method, randomGame(3), 6);
		expect(calls).toBe(1);
		expect(new Set(asked.map(nameOf)).size).toBe(asked.length);
		expect(answer).toHaveProperty('diagnostics.evaluations', asked.length);
	});

	it('gives the same scores for the same seed, and finite ones', async () => {
		const first = scoresOf(await play(method, randomGame(3), 15));
		expect(first).toHaveLength(15);
		expect(first.every(Number.isFinite)).toBe(true);
		expect(scoresOf(await play(method, randomGame(3), 15))).toEqual(first);
	});

	it('has no scores for no units and asks nothing', async () => {
		const { answer, calls } = await play(method, () => NaN, 0);
		expect(answer).toEqual({ scores: [], standardErrors: null, diagnostics: { evaluations: 0 } });
		expect(calls).toBe(0);
	});

	it('gives a single unit all there is', async () => {
		const { answer, asked } = await play(method, linearGame([3], 1), 1);
		expect('scores' in answer && answer.scores).toHaveLength(1);
		if (method === lime) expect('scores' in answer && answer.scores[0]).toBeGreaterThan(0);
		else expect('scores' in answer && answer.scores[0]).toBeCloseTo(3, 12);
		expect(asked).toHaveLength(2);
	});

	it.each([NaN, Infinity, -Infinity])('is missing where one value is %d', async (broken) => {
		const game = (set: UnitSet): number => (set.includes(true) ? 1 : broken);
		const { answer } = await play(method, game, 1);
		expect(answer).toEqual({
			missing: `the model’s value with 0 of 1 units kept is not a finite number (${broken})`,
		});
	});

	it('keeps to the number of evaluations allowed, or says that it is too small', async () => {
		for (const evaluations of [1, 2, 7, 8, 9, 40, 200]) {
			const { answer, asked } = await play(method, randomGame(5), 8, { evaluations });
			expect(asked.length).toBeLessThanOrEqual(evaluations);
			if ('missing' in answer) expect(answer.missing).toContain(`${evaluations}`);
			else expect(answer.scores).toHaveLength(8);
		}
		expect((await play(method, randomGame(5), 8, { evaluations: 1 })).answer).toHaveProperty('missing');
	});
});

it.each(all.slice(1))('%s draws by seed and example', async (_, method) => {
	const scores = async (seed: number, exampleId: string) =>
		await explainUnits(method, {
			...{ unitCount: 20, seed, exampleId, evaluations: 150 },
			score: async (sets) => sets.map(randomGame(1)),
		});
	expect(await scores(1, 'a')).not.toEqual(await scores(2, 'a'));
	expect(await scores(1, 'a')).not.toEqual(await scores(1, 'b'));
});

it('refuses a scorer that loses values', async () => {
	const request = { unitCount: 2, seed: 1, exampleId: 'e', evaluations: null, score: async () => [1] };
	await expect(explainUnits(occlusion, request)).rejects.toThrow('Internal: 1 values of 3 subsets of units');
});

it('rememberedValues asks about each subset once', async () => {
	const asked: string[] = [];
	const values = rememberedValues(async (sets) => {
		asked.push(...sets.map(nameOf));
		return sets.map(linearGame([1, 2]));
	});
	expect(await values([fullSet(2), emptySet(2), fullSet(2)])).toEqual([3, 0, 3]);
	expect(await values([emptySet(2), [true, false]])).toEqual([0, 1]);
	expect(asked).toEqual(['11', '00', '10']);
});
