/** The engine against numbers from PyTorch and transformers: every folder of fixtures/ that has a model (fixtures/README.md). */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compareAttribution } from '../scripts/parity/attribution.ts';
import { comparePasses } from '../scripts/parity/passes.ts';
import { compareTraining } from '../scripts/parity/training.ts';

const models = readdirSync('fixtures').filter((name) => existsSync(join('fixtures', name, 'config.json')));

it.each(models)('%s: passes, gradients, relevances and generation agree', async (name) => {
	const differences = await comparePasses(join('fixtures', name));
	expect(differences.length).toBeGreaterThan(1);
	expect(differences.filter(({ difference, tolerance }) => difference > tolerance)).toEqual([]);
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
