/** Weights with 8 and 4 bits on a small random model: against a model whose stored weights are the rounded ones. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeRandomModel } from '../bench/randomModel.ts';
import type { Bits } from '../src/engine/graph/blockWeights.ts';
import { createEngine } from '../src/llm/process/engine.ts';
import { blockSize, quantise } from '../src/llm/weights/quantise.ts';
import { restored, writeRoundedModel } from './support/roundedModel.ts';

const folder = mkdtempSync(join(tmpdir(), 'quantised-'));
const stored = join(folder, 'stored');
beforeAll(() => writeRandomModel(stored, 'tiny', 'BF16'));
afterAll(() => rmSync(folder, { recursive: true }));

const prompts = [
	[5, 9, 17, 3, 8, 21, 4],
	[7, 2, 30, 11, 6],
];
const targets = prompts.map(() => ({ tokens: [5, 9], weights: [1, -1] }));
const outputs = ['gradientXInput.dot', 'attnLrp'] as const;

const engineOf = (own: string, bits?: Bits) =>
	createEngine({
		folder: own,
		endTokens: [],
		maxTokens: 64,
		prepack: false,
		...(bits === undefined ? {} : { quantised: { bits, file: cacheFile(bits) } }),
	});
const cacheFile = (bits: Bits): string => join(folder, 'cache', `${bits}.safetensors`);

it.each([8, 4] as const)('%i bits: every number is within half a step, the largest of a block exact', (bits) => {
	const values = Float32Array.from({ length: 4 * blockSize }, (_, i) => Math.fround(Math.sin(i * i) * (i + 1)));
	const rounded = restored(values, bits);
	const { scales } = quantise(values, bits);
	for (const [i, value] of values.entries()) {
		const step = Math.abs(scales[Math.floor(i / blockSize)] as number);
		// The side away from the largest number ends one step earlier.
		expect(Math.abs((rounded[i] as number) - value)).toBeLessThanOrEqual(step * 1.0001);
	}
	for (let start = 0; start < values.length; start += blockSize) {
		const block = values.subarray(start, start + blockSize);
		const largest = block.reduce((best, value, i) => (Math.abs(value) > Math.abs(block[best] as number) ? i : best), 0);
		expect(rounded[start + largest]).toBeCloseTo(block[largest] as number, 4);
	}
});

it.each([8, 4] as const)('%i bits: gradients are those of a model that stores the rounded weights', async (bits) => {
	const reference = join(folder, `rounded${bits}`);
	writeRoundedModel(stored, reference, bits);
	const expected = await engineOf(reference).attribute(prompts, targets, outputs);
	for (const [i, pass] of (await engineOf(stored, bits).attribute(prompts, targets, outputs)).entries()) {
		for (const name of outputs) expectNear(pass[name], expected[i]?.[name], 1e-4);
	}
});

it.each([
	[8, 0.02],
	[4, 0.3],
] as const)('%i bits: label scores are near those of the stored weights', async (bits, tolerance) => {
	const [scores, expected] = await Promise.all(
		[engineOf(stored, bits), engineOf(stored)].map((engine) => engine.scoreLabels(prompts, [[5], [9], [40]])),
	);
	for (const [i, { logProbabilities }] of (scores ?? []).entries()) {
		for (const [c, value] of logProbabilities.entries()) {
			expect(Math.abs(value - (expected?.[i]?.logProbabilities[c] as number))).toBeLessThan(tolerance);
		}
	}
});

it('scores of reduced precision are near the others, which stay exact, and do not depend on the other prompts', async () => {
	const int8File = join(folder, 'cache', 'rounded.safetensors');
	const engine = createEngine({ folder: stored, endTokens: [], maxTokens: 64, prepack: false, int8File });
	const labels = [[5], [9], [40]];
	const exact = await engineOf(stored).scoreLabels(prompts, labels);
	expect(await engine.scoreLabels(prompts, labels)).toEqual(exact);
	const reduced = await engine.scoreLabels(prompts, labels, { precision: 'reduced' });
	expect(reduced).not.toEqual(exact);
	for (const [i, { logProbabilities }] of reduced.entries()) {
		const [alone] = await engine.scoreLabels([prompts[i] ?? []], labels, { precision: 'reduced' });
		for (const [c, value] of logProbabilities.entries()) {
			const difference = Math.abs(value - (exact[i]?.logProbabilities[c] as number));
			expect(difference).toBeLessThan(0.02);
			expect(alone?.logProbabilities[c]).toBeCloseTo(value, 5);
		}
	}
});

it.each(['llama2', 'mistral', 'qwen2', 'qwen3', 'gemma2', 'gemma3', 'phi3', 'gpt2'])(
	'%s: scores of reduced precision are near the others, and not the same',
	async (family) => {
		const int8File = join(folder, 'cache', `${family}.safetensors`);
		const options = { folder: `fixtures/${family}`, endTokens: [], maxTokens: 64, prepack: false, int8File };
		const engine = createEngine(options);
		const labels = [[5], [9], [17]];
		const exact = await engine.scoreLabels(prompts, labels);
		const reduced = await engine.scoreLabels(prompts, labels, { precision: 'reduced' });
		expect(reduced).not.toEqual(exact);
		for (const [i, { logProbabilities }] of reduced.entries()) {
			const wanted = exact[i]?.logProbabilities ?? [];
			const scale = Math.max(1, ...wanted.map(Math.abs));
			for (const [c, value] of logProbabilities.entries())
				expect(Math.abs(value - (wanted[c] as number)) / scale).toBeLessThan(0.1);
		}
	},
);

it('keeps the file, and makes it anew when its bytes have changed', async () => {
	const file = cacheFile(8);
	await engineOf(stored, 8).contextLength();
	const [bytes, { mtimeMs }] = [readFileSync(file), statSync(file)];
	engineOf(stored, 8);
	expect(statSync(file).mtimeMs).toBe(mtimeMs);
	writeFileSync(file, bytes.with(bytes.length - 1, (bytes.at(-1) as number) ^ 1));
	engineOf(stored, 8);
	expect(readFileSync(file).equals(bytes)).toBe(true);
});

function expectNear(actual: Float32Array | undefined, expected: Float32Array | undefined, tolerance: number): void {
	expect(actual?.length).toBe(expected?.length);
	const scale = Math.max(...(expected ?? []).map(Math.abs));
	for (const [i, value] of (expected ?? []).entries()) {
		expect(Math.abs((actual?.[i] as number) - value)).toBeLessThan(tolerance * scale);
	}
}
