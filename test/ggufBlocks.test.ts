/** A GGUF file whose matrices stay in blocks, against the same file decoded to float32. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { PassOutput } from '../src/llm/languageModel.ts';
import { defaultSettings } from '../src/llm/engineSettings.ts';
import { openLocalModel } from '../src/llm/localModel.ts';
import { modelPlace } from '../src/llm/openModel.ts';
import { createEngine, type EngineOptions } from '../src/llm/process/engine.ts';
import type { BlockTypeName } from '../src/llm/weights/gguf/blockTypes.ts';
import { writeBlockModel } from './support/blockModel.ts';

const folder = mkdtempSync(join(tmpdir(), 'blocks-'));
afterAll(() => rmSync(folder, { recursive: true }));

const prompts = [
	[5, 9, 17, 3, 8, 21, 4],
	[7, 2, 30, 11, 6],
];
const labels = [[5], [9], [39]];
const targets = prompts.map(() => ({ tokens: [5, 9], weights: [1, -1] }));
const outputs: readonly PassOutput[] = ['attention', 'gradient.l2', 'gradientXInput.dot', 'attnLrp'];

const fileOf = (type: BlockTypeName | 'F32'): string => {
	const file = join(folder, `${type}.gguf`);
	if (!existsSync(file)) writeBlockModel(file, type);
	return file;
};
const engineOf = (type: BlockTypeName | 'F32', options: Partial<EngineOptions> = {}) =>
	createEngine({
		folder: fileOf(type),
		decodedFolder: join(folder, 'weights'),
		endTokens: [],
		maxTokens: 64,
		prepack: false,
		...options,
	});
const decoded = { prepack: true };

/** One type of each form: 4 and 8 bits, blocks of 16 and 32, with and without offsets. */
const types = ['Q4_0', 'Q4_K', 'Q2_K', 'Q8_0', 'Q5_K', 'Q6_K'] as const;

describe.each(types)('%s', (type) => {
	it('scores and gradients in blocks are those of the decoded weights', async () => {
		const [blocks, floats] = [engineOf(type), engineOf(type, decoded)];
		const [scores, expected] = [await blocks.scoreLabels(prompts, labels), await floats.scoreLabels(prompts, labels)];
		for (const [i, { logProbabilities }] of scores.entries())
			expectNear(logProbabilities, expected[i]?.logProbabilities, 2e-5);
		const passes = await floats.attribute(prompts, targets, outputs);
		for (const [i, pass] of (await blocks.attribute(prompts, targets, outputs)).entries())
			for (const name of outputs) expectNear(pass[name], passes[i]?.[name], 2e-5);
	});
});

describe.each(types)('%s, fast', (type) => {
	it('predictions are near the exact ones and independent of other prompts; exact ones and gradients stay', async () => {
		const [exact, fast] = [engineOf(type), engineOf(type, { blockProducts: 'all' })];
		const [expected, scores] = [await exact.scoreLabels(prompts, labels), await fast.scoreLabels(prompts, labels)];
		expect(scores).not.toEqual(expected);
		for (const [i, { logProbabilities }] of scores.entries()) {
			expectNear(logProbabilities, expected[i]?.logProbabilities, 0.05);
			const [alone] = await fast.scoreLabels([prompts[i] ?? []], labels);
			expectNear(alone?.logProbabilities, logProbabilities, 2e-5);
		}
		expect(await fast.scoreLabels(prompts, labels, { precision: 'full' })).toEqual(expected);
		expect(await fast.attribute(prompts, targets, outputs)).toEqual(await exact.attribute(prompts, targets, outputs));
	});
});

it('masked texts alone are fast where that is asked for', async () => {
	const [exact, masked] = [engineOf('Q4_K'), engineOf('Q4_K', { blockProducts: 'masked' })];
	const expected = await exact.scoreLabels(prompts, labels);
	expect(await masked.scoreLabels(prompts, labels)).toEqual(expected);
	const reduced = await masked.scoreLabels(prompts, labels, { precision: 'reduced' });
	expect(reduced).not.toEqual(expected);
	for (const [i, { logProbabilities }] of reduced.entries())
		expectNear(logProbabilities, expected[i]?.logProbabilities, 0.05);
});

it('fast is refused by name for weights that lie in no blocks', async () => {
	for (const forms of [{ weights: 'fast' }, { perturbationWeights: 'fast' }] as const) {
		const opened = openLocalModel('tiny', modelPlace('tiny-instruct'), { ...defaultSettings, ...forms });
		await expect(opened).rejects.toThrow(
			'tiny: "fast" multiplies the blocks of a quantised GGUF file as they are, but these weights are F16.',
		);
	}
});

it('writes the same text fast and exactly, where one token is far ahead', async () => {
	const [exact, fast] = [engineOf('Q8_0'), engineOf('Q8_0', { blockProducts: 'all' })];
	const options = { maxNewTokens: 4 };
	expect(await fast.generate(prompts, options)).toEqual(await exact.generate(prompts, options));
});

it('keeps what it made of a file in one file, which is made once', () => {
	engineOf('Q4_K');
	const files = readdirSync(join(folder, 'weights'));
	engineOf('Q4_K');
	expect(readdirSync(join(folder, 'weights'))).toEqual(files);
});

it('says what weights take by the types of the file', async () => {
	const { weights, weightsByType } = await engineOf('Q4_K').memory();
	expect(Object.keys(weightsByType).sort()).toEqual(['F32', 'Q4_K', 'int8']);
	expect(Object.values(weightsByType).reduce((a, b) => a + b, 0)).toBe(weights);
});

function expectNear(
	actual: ArrayLike<number> | undefined,
	expected: ArrayLike<number> | undefined,
	limit: number,
): void {
	expect(actual?.length).toBe(expected?.length);
	const scale = Math.max(1, ...Array.from(expected ?? [], Math.abs));
	for (const [i, value] of Array.from(expected ?? []).entries())
		expect(Math.abs((actual?.[i] as number) - value)).toBeLessThan(limit * scale);
}
