/** Soft masking by the engine on tiny models: what must be equal to other ways of asking. */
import { describe, expect, it } from 'vitest';
import type { SoftPrompt } from '../languageModel.ts';
import { createEngine } from '../process/engine.ts';

const labels = [[11], [29]];
const ids = [3, 17, 45, 8, 22, 61, 9, 14, 33, 70, 12, 5];
const explained = [9, 10];
const prompt = (keeps: readonly (readonly number[])[], draws: number, more: Partial<SoftPrompt> = {}): SoftPrompt => ({
	...{ ids, explained, keeps, draws, seed: 'a' },
	...more,
});

describe.each(['llama3', 'gpt2'])('%s', (folder) => {
	const engine = createEngine({ folder: `fixtures/${folder}`, endTokens: [], maxTokens: 64, prepack: false });

	it('answers as it does to the text where all dimensions are kept', async () => {
		const [[[all = []] = []] = []] = await engine.scoreSoftly([prompt([[1, 1]], 1)], labels);
		const [plain] = await engine.scoreLabels([ids], labels);
		for (const [i, value] of (plain?.logProbabilities ?? []).entries()) expect(all[i]).toBeCloseTo(value, 4);
	});

	it('does not see which tokens stand where no dimension is kept', async () => {
		const other = ids.map((id, place) => (explained.includes(place) ? id + 1 : id));
		const [[[one = []] = []] = []] = await engine.scoreSoftly([prompt([[0, 0]], 1)], labels);
		const [[[two = []] = []] = []] = await engine.scoreSoftly([prompt([[0, 0]], 1, { ids: other })], labels);
		expect(one).toEqual(two);
		const [[[seen = []] = []] = []] = await engine.scoreSoftly([prompt([[0, 1]], 1)], labels);
		expect(Math.abs((seen[0] ?? NaN) - (one[0] ?? NaN))).toBeGreaterThan(1e-6);
	});

	it('draws by the seed, alike for all variants and whatever else is asked', async () => {
		const [both = []] = await engine.scoreSoftly(
			[
				prompt(
					[
						[0.5, 0.5],
						[0.2, 0.9],
						[0.5, 0.5],
					],
					4,
				),
			],
			labels,
		); // prettier-ignore
		expect(both[0]).toEqual(both[2]);
		expect(new Set(both[0]?.map(([first]) => first)).size).toBe(4);
		const [alone = []] = await engine.scoreSoftly([prompt([[0.5, 0.5]], 2)], labels);
		for (const [draw, values] of (alone[0] ?? []).entries()) {
			for (const [i, value] of values.entries()) expect(value).toBeCloseTo(both[0]?.[draw]?.[i] ?? NaN, 5);
		}
		const [others = []] = await engine.scoreSoftly([prompt([[0.5, 0.5]], 2, { seed: 'b' })], labels);
		expect(others[0]).not.toEqual(alone[0]);
	});
});
