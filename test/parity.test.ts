/** The engine against numbers from PyTorch and transformers: every folder of fixtures/ that has a model (fixtures/README.md). */
import { cpSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareAttribution } from '../scripts/parity/attribution.ts';
import { compare, readExpected } from '../scripts/parity/difference.ts';
import { comparePasses } from '../scripts/parity/passes.ts';
import { compareTraining } from '../scripts/parity/training.ts';
import { createEngine } from '../src/llm/process/engine.ts';
import { readSafetensorsHeader, readTensor, type TensorData } from '../src/llm/weights/safetensors.ts';
import { type TensorToWrite, writeSafetensors } from '../src/llm/weights/safetensorsWriter.ts';

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

describe('a training folder', () => {
	const { tensors } = readSafetensorsHeader('fixtures/training/expected.safetensors');

	/** Returns a copy, beside the same base model, whose expected numbers are those chosen, changed. */
	function copyWith(isChosen: (name: string) => boolean, change: (name: string, data: TensorData) => void): string {
		const folder = join(mkdtempSync(join(tmpdir(), 'parity-')), 'training');
		cpSync('fixtures/training', folder, { recursive: true });
		cpSync('fixtures/llama3', join(folder, '..', 'llama3'), { recursive: true });
		const entries = tensors.filter(({ name }) => isChosen(name));
		const chosen = entries.map((entry): [string, TensorToWrite] => {
			const data = readTensor(entry).slice();
			change(entry.name, data);
			return [entry.name, { dtype: entry.dtype, shape: entry.shape, data }];
		});
		writeSafetensors(join(folder, 'expected.safetensors'), Object.fromEntries(chosen));
		return folder;
	}

	it('may hold one of the two trainings', async () => {
		const found = await compareTraining(
			copyWith(
				(name) => !name.startsWith('full.'),
				() => undefined,
			),
		);
		expect(found.map(({ key }) => key)).toEqual(expect.arrayContaining(['lora.loss', 'lora.logits']));
		expect(found.filter(({ key, difference, tolerance }) => key.startsWith('full.') || difference > tolerance)).toEqual(
			[],
		);
		const none = copyWith(
			(name) => !name.includes('.'),
			() => undefined,
		);
		await expect(compareTraining(none)).rejects.toThrow('neither full.loss nor lora.loss');
	});

	it('with one wrong loss is found to differ', async () => {
		const folder = copyWith(
			(name) => !name.startsWith('lora.'),
			(name, data) => {
				if (name === 'full.loss' && data instanceof Float32Array) data[1] = 1;
			},
		);
		const wrong = (await compareTraining(folder)).filter(({ difference, tolerance }) => difference > tolerance);
		expect(wrong.map(({ key }) => key)).toEqual(['full.loss']);
	});
});
