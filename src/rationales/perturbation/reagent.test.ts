import { describe, expect, it } from 'vitest';
import type { TokenIds } from '../../llm/languageModel.ts';
import { reagent } from './reagent.ts';
import type { ReplacedPrediction, ReplacementRequest } from './replacement.ts';

/** Ten tokens between two of the template; token 7 decides, as long as it stands there. */
const ids = [90, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 91];
const units = Array.from({ length: 10 }, (_, unit) => [unit + 1]);
const replacements = [50, 51, 52];

function requestOf(
	predict: (prompt: TokenIds) => ReplacedPrediction,
	changes: Partial<ReplacementRequest> = {},
): { readonly request: ReplacementRequest; readonly batches: (readonly TokenIds[])[] } {
	const batches: (readonly TokenIds[])[] = [];
	const score = async (prompts: readonly TokenIds[]): Promise<ReplacedPrediction[]> => {
		batches.push(prompts);
		return prompts.map(predict);
	};
	const request = { ids, units, replacements, seed: 1, exampleId: 'e', evaluations: null, score, ...changes };
	return { request, batches };
}

const decidedBySeven = (prompt: TokenIds): ReplacedPrediction => {
	const holds = prompt.includes(7);
	return { probability: holds ? 0.9 : 0.1, isSame: holds };
};

describe('reagent', () => {
	it('finds the token that decides, and shares 1 among the units', async () => {
		const { request } = requestOf(decidedBySeven);
		const found = await reagent.explain(request);
		if ('missing' in found) throw new Error(found.missing);
		expect(found.scores.indexOf(Math.max(...found.scores))).toBe(6);
		expect(found.scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 12);
		expect(found.diagnostics['convergedProbes']).toBe(16);
		expect(await reagent.explain(requestOf(decidedBySeven).request)).toEqual(found);
		expect(await reagent.explain(requestOf(decidedBySeven, { seed: 2 }).request)).not.toEqual(found);
	});

	it('replaces tokens of units only, by tokens of the list, unit by unit', async () => {
		const pairs = [[1, 2], [3, 4, 5], [7]];
		const { request, batches } = requestOf(decidedBySeven, { units: pairs });
		await reagent.explain(request);
		for (const prompt of batches.flat()) {
			expect(prompt).toHaveLength(ids.length);
			for (const [position, id] of prompt.entries()) expect([ids[position], ...replacements]).toContain(id);
			expect([0, 6, 8, 9, 10, 11].every((position) => prompt[position] === ids[position])).toBe(true);
			for (const pair of pairs)
				expect(new Set(pair.map((position) => prompt[position] === ids[position])).size).toBe(1);
		}
	});

	it('adds logit(0.5 + 0.5 delta) to replaced units and takes it from the others', async () => {
		const first = requestOf(() => ({ probability: 0.4, isSame: true }), { evaluations: 3 });
		const unchanged = await reagent.explain(first.request);
		const second = requestOf((prompt) => ({ probability: prompt === ids ? 0.9 : 0.4, isSame: true }), {
			evaluations: 3,
		});
		const changed = await reagent.explain(second.request);
		if ('missing' in unchanged || 'missing' in changed) throw new Error('missing');
		const replaced = units.map(([position = 0]) => second.batches[1]?.[0]?.[position] !== ids[position]);
		expect(new Set(replaced).size).toBe(2);
		const growth = changed.scores.map((score, unit) => Math.log(score / (unchanged.scores[unit] ?? NaN)));
		const [one, other] = [replaced.indexOf(true), replaced.indexOf(false)];
		expect((growth[one] ?? NaN) - (growth[other] ?? NaN)).toBeCloseTo(2 * Math.log(0.75 / 0.25), 9);
	});

	it('asks 2 prompts per step and probe and stops where the best units suffice', async () => {
		const always = requestOf(() => ({ probability: 0.5, isSame: true }));
		expect(await reagent.explain(always.request)).toMatchObject({
			diagnostics: { evaluations: 1 + 2 * 16, convergedProbes: 16 },
		});
		expect(always.batches.map(({ length }) => length)).toEqual([1, 16, 16]);
		const never = requestOf(() => ({ probability: 0.5, isSame: false }));
		expect(await reagent.explain(never.request)).toMatchObject({
			diagnostics: { evaluations: 1 + 2 * 16 * 100, convergedProbes: 0 },
		});
	});

	it.each([3, 20, 33, 100])('keeps to %d evaluations', async (evaluations) => {
		const never = requestOf(() => ({ probability: 0.5, isSame: false }), { evaluations });
		await reagent.explain(never.request);
		const asked = never.batches.flat().length;
		expect(asked).toBeLessThanOrEqual(evaluations);
		expect(asked).toBeGreaterThan(evaluations / 2);
	});

	it('stays finite where certainty is complete', async () => {
		const certain = (prompt: TokenIds) => ({ probability: prompt.includes(7) ? 1 : 0, isSame: prompt.includes(7) });
		const found = await reagent.explain(requestOf(certain).request);
		expect('scores' in found && found.scores.every(Number.isFinite)).toBe(true);
	});

	it('is missing for a probability that is not finite, for too few evaluations, and empty for no units', async () => {
		expect(await reagent.explain(requestOf(() => ({ probability: NaN, isSame: false })).request)).toEqual({
			missing: 'a probability of the model is not a finite number',
		});
		expect(await reagent.explain(requestOf(decidedBySeven, { evaluations: 2 }).request)).toEqual({
			missing: '2 evaluations are too few for one probe, which needs 3',
		});
		const empty = requestOf(decidedBySeven, { units: [] });
		expect(await reagent.explain(empty.request)).toMatchObject({ scores: [] });
		expect(empty.batches).toEqual([]);
		const single = await reagent.explain(requestOf(decidedBySeven, { units: [[7]] }).request);
		expect(single).toMatchObject({ scores: [1] });
	});
});
