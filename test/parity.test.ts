/** The engine against numbers from PyTorch and transformers (fixtures/README.md). */
import { expect, it } from 'vitest';
import { comparePasses } from '../scripts/parity/passes.ts';
import { compareTraining } from '../scripts/parity/training.ts';

it.each(['llama2', 'llama3', 'llama3_bf16_sharded'])('%s: passes, gradients and generation agree', async (name) => {
	const differences = await comparePasses(`fixtures/${name}`);
	expect(differences.length).toBeGreaterThan(1);
	expect(differences.filter(({ difference, tolerance }) => difference > tolerance)).toEqual([]);
});

it('training: losses and parameters after three AdamW steps agree', async () => {
	const differences = await compareTraining('fixtures/training');
	expect(differences.length).toBeGreaterThan(1);
	expect(differences.filter(({ difference, tolerance }) => difference > tolerance)).toEqual([]);
});
