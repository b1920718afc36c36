/** The gradient of every weight of every family against differences of the loss. */
import { expect, it } from 'vitest';
import { seededRandom } from '../core/random.ts';
import { loadDecoder } from '../llm/models/loadDecoder.ts';
import { adamWDefaults } from './adamW.ts';
import { storedParameters, trainAllWeights } from './trainable.ts';
import { createTrainer } from './trainer.ts';

const families = ['mistral', 'qwen2', 'qwen3', 'gemma2', 'gemma3', 'phi3', 'gpt2'];
/** Small steps lose digits of a float32 loss, large ones see its curvature: one of them must be right. */
const stepSizes = [1e-2, 3e-3];

it.each(families)('%s: along any direction the loss changes as the gradient says', async (family) => {
	const loaded = loadDecoder(`fixtures/${family}`);
	const parameters = storedParameters(loaded);
	const trainer = createTrainer(trainAllWeights(loaded.family, loaded.config, parameters), {
		adamW: adamWDefaults,
		clip: Infinity,
	});
	const random = seededRandom('gradients', family);
	const batch = [13, 7].map((length) => {
		const ids = Array.from({ length }, () => 3 + random.integer(loaded.decoder.sizes.vocabulary - 3));
		return { ids, weights: ids.map((_, i) => (i >= length - 3 ? 1 : 0)) };
	});
	const { gradients } = await trainer.differentiate([batch]);
	const loss = async (): Promise<number> => -(await trainer.score(batch)).flat().reduce((a, b) => a + b, 0) / 6;
	for (const [name, { data }] of parameters) {
		const gradient = gradients.get(name) ?? new Float32Array(0);
		const norm = Math.hypot(...gradient);
		const spread = 0.5 / Math.sqrt(gradient.length);
		const direction = Array.from(gradient, (value) => value / norm + spread * random.normal());
		const wanted = direction.reduce((sum, value, i) => sum + value * (gradient[i] ?? NaN), 0);
		const before = data.slice();
		const lossAt = async (step: number): Promise<number> => {
			data.set(before.map((value, i) => value + step * (direction[i] ?? NaN)));
			return await loss();
		};
		const errors: number[] = [];
		for (const step of stepSizes) {
			const slope = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step);
			errors.push(Math.abs(slope / wanted - 1));
		}
		data.set(before);
		expect(Math.min(...errors), name).toBeLessThan(0.03);
	}
	await trainer.release();
});
