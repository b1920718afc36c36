/** Backward passes that compute blocks again give what backward passes that keep everything give. */
import { expect, it } from 'vitest';
import type { PassOutput } from '../languageModel.ts';
import { createEngine } from './decoderEngine.ts';

const outputs: readonly PassOutput[] = ['gradientXInput.dot', 'gradientAttention', 'attnLrp'];
const prompts = [
	[5, 9, 17, 3, 8, 21, 4],
	[7, 2, 30, 11],
];
const targets = prompts.map(() => ({ tokens: [5, 9], weights: [1, -1] }));

it.each(['gemma2', 'llama3_bf16_sharded'])('%s', async (family) => {
	const engine = (recompute: boolean) =>
		createEngine({ folder: `fixtures/${family}`, endTokens: [], maxTokens: 64, prepack: false, recompute });
	const [kept, again] = [engine(false), engine(true)];
	const expected = await kept.attribute(prompts, targets, outputs);
	for (const [i, pass] of (await again.attribute(prompts, targets, outputs)).entries()) {
		for (const name of outputs) expectNear(pass[name], expected[i]?.[name]);
	}
	const request = { kind: 'integratedGradients', neutralToken: 1, nodes: 4, nodeLimit: 4, tolerance: 1 } as const;
	const explained = { ids: prompts[0] as number[], target: { tokens: [5], weights: [1] }, explained: [1, 2], seed: 1 };
	const [a] = await kept.attributeByPasses([explained], request);
	const [b] = await again.attributeByPasses([explained], request);
	expectNear(b?.scores, a?.scores);
});

function expectNear(actual: Float32Array | undefined, expected: Float32Array | undefined): void {
	expect(actual?.length).toBe(expected?.length);
	const scale = Math.max(...(expected ?? []).map(Math.abs));
	for (const [i, value] of (expected ?? []).entries()) {
		expect(Math.abs((actual?.[i] as number) - value)).toBeLessThan(1e-4 * scale);
	}
}
