import { expect, it } from 'vitest';
import { newAdapterConfig } from '../llm/adapters/adapterConfig.ts';
import { loadDecoder } from '../llm/models/loadDecoder.ts';
import { estimateMemory } from './memory.ts';
import { initialLowRank, storedParameters, trainAllWeights, trainLowRank } from './trainable.ts';

const loaded = loadDecoder('fixtures/llama3');
const sizes = { B: 2, T: 16, J: 1 };
const numbers = [...loaded.checkpoint.tensors.values()].reduce((sum, { byteLength }) => sum + byteLength / 4, 0);

it('counts all weights four times where all are trained, and freezes them where an adapter is', () => {
	const whole = estimateMemory(loaded, trainAllWeights(loaded.family, loaded.config, storedParameters(loaded)), sizes);
	expect([whole.frozen, whole.trained]).toEqual([0, 16 * numbers]);
	const config = newAdapterConfig({ rank: 2, alpha: 4, rslora: false, targets: ['q_proj'] }, 'llama3', 'llama');
	const module = 'model.layers.0.self_attn.q_proj';
	const parameters = initialLowRank(loaded, [module], config, 1);
	const adapter = estimateMemory(loaded, trainLowRank(loaded, config, parameters), sizes);
	expect([adapter.frozen, adapter.trained]).toEqual([4 * numbers, 16 * 2 * (48 + 96)]);
	expect(adapter.intermediate).toBeLessThan(whole.intermediate);
});

it('grows with the batch', () => {
	const trainable = trainAllWeights(loaded.family, loaded.config, storedParameters(loaded));
	const [one, four] = [1, 4].map((B) => estimateMemory(loaded, trainable, { B, T: 32, J: 1 }).intermediate);
	expect(four).toBeGreaterThan(one ?? Infinity);
});
