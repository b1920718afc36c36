/** The engine against numbers from PyTorch and transformers: every folder of fixtures/ that has a model (fixtures/README.md). */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compareAttribution } from '../scripts/parity/attribution.ts';
import { compare, readExpected } from '../scripts/parity/difference.ts';
import { comparePasses } from '../scripts/parity/passes.ts';
import { compareTraining } from '../scripts/parity/training.ts';
import { createEngine } from '../src/llm/host/decoderEngine.ts';

const models = readdirSync('fixtures').filter((name) => existsSync(join('fixtures', name, 'config.json')));

it.each(models)('%s: passes, gradients, relevances and generation agree', async (name) => {
	const differences = await comparePasses(join('fixtures', name));
	expect(differences.length).toBeGreaterThan(1);
	expect(differences.filter(({ difference, tolerance }) => difference > tolerance)).toEqual([]);
});

it.each(models)('%s: label scores, computed by fused kernels, are those of the logits', async (name) => {
	const folder = join('fixtures', name);
	const expected = readExpected(join(folder, 'expected.safetensors'));
	const engine = createEngine({ folder, endTokens: [], maxTokens: 64, prepack: false });
	const labels = [5, 9, 17];
	for (const sequence of ['a', 'b']) {
		const prompt = expected.integers(`${sequence}.input_ids`);
		const logits = expected.floats(`${sequence}.logits`);
		const last = [...logits.subarray(logits.length - logits.length / prompt.length)];
		const total = Math.log(last.reduce((sum, logit) => sum + Math.exp(logit), 0));
		const [scores] = await engine.scoreLabels(
			[prompt],
			labels.map((label) => [label]),
		);
		const wanted = labels.map((label) => (last[label] as number) - total);
		expect(compare(sequence, scores?.logProbabilities ?? [], wanted, 0).difference).toBeLessThan(1e-4);
	}
});

it.each(['llama2', 'llama3'])('%s: attribution agrees', async (name) => {
	const differences = await compareAttribution(`fixtures/${name}`);
	expect(differences.length).toBeGreaterThan(6);
	expect(differences.filter(({ difference, tolerance }) => difference > tolerance)).toEqual([]);
});

it('training: losses and parameters after three AdamW steps agree', async () => {
	const differences = await compareTraining('fixtures/training');
	expect(differences.length).toBeGreaterThan(1);
	expect(differences.filter(({ difference, tolerance }) => difference > tolerance)).toEqual([]);
});
