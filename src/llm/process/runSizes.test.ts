/** How many tokens run at a time decides how long a call takes, not what it returns. */
import { expect, it } from 'vitest';
import type { RunSizes } from '../tuning.ts';
import { createEngine } from './engine.ts';

const prompts = Array.from({ length: 6 }, (_, row) =>
	Array.from({ length: 9 + row }, (__, i) => 3 + ((7 * i + 5 * row) % 40)),
);
const targets = prompts.map(() => ({ tokens: [5, 9], weights: [1, -1] }));

async function numbersWith(runs?: RunSizes): Promise<number[][]> {
	const engine = createEngine({
		...{ folder: 'fixtures/llama3', endTokens: [], maxTokens: 256, prepack: false, threads: 2 },
		...(runs === undefined ? {} : { runs }),
	});
	const scores = await engine.scoreLabels(prompts, [[5], [9], [17]]);
	const passes = await engine.attribute(prompts, targets, ['gradientXInput.dot']);
	const [path] = await engine.attributeByPasses(
		[{ ids: prompts[5] ?? [], target: { tokens: [5], weights: [1] }, explained: [2, 3, 4], seed: 1 }],
		{ kind: 'integratedGradients', neutralToken: 1, nodes: 8, nodeLimit: 8, tolerance: 1 },
	);
	return [
		scores.flatMap(({ logProbabilities }) => [...logProbabilities]),
		passes.flatMap((pass) => [...(pass['gradientXInput.dot'] ?? [])]),
		[...(path?.scores ?? [])],
	];
}

it.each([
	{ forward: 1, gradient: 1 },
	{ forward: 40, gradient: 20 },
])('%j: the same numbers', async (runs) => {
	const [expected, found] = [await numbersWith(), await numbersWith(runs)];
	for (const [i, values] of expected.entries()) {
		const scale = Math.max(...values.map(Math.abs));
		expect(scale).toBeGreaterThan(0);
		expect(found[i]).toHaveLength(values.length);
		for (const [n, value] of values.entries()) {
			expect(Math.abs((found[i]?.[n] as number) - value)).toBeLessThan(2e-5 * scale);
		}
	}
});
