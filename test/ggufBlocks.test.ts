/** A GGUF file whose matrices stay in blocks, against the same file decoded to float32. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { PassOutput } from '../src/llm/languageModel.ts';
import { createEngine, type EngineOptions } from '../src/llm/process/engine.ts';
import { type BlockTypeName, blockTypes } from '../src/llm/weights/gguf/blockTypes.ts';
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

describe.each(Object.keys(blockTypes) as BlockTypeName[])('%s', (type) => {
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
