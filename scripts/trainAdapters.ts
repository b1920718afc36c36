/**
 * Makes fixtures/adapters/ours and ours_gpt2: adapters trained by this program on random tokens, whose logits PEFT then
 * computes (fixtures/adapters/makeAdapters.py --ours).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../src/core/random.ts';
import { type LowRankOptions, newAdapterConfig, targetedModules } from '../src/llm/adapters/adapterConfig.ts';
import { writeAdapter } from '../src/llm/adapters/adapterWriter.ts';
import { loadDecoder, projectionSizes } from '../src/llm/models/loadDecoder.ts';
import { adamWDefaults } from '../src/training/adamW.ts';
import { initialLowRank, trainLowRank } from '../src/training/trainable.ts';
import { createTrainer } from '../src/training/trainer.ts';

const adapters: readonly { name: string; base: string; options: LowRankOptions }[] = [
	{ name: 'ours', base: 'llama3', options: { rank: 4, alpha: 6, rslora: true, targets: 'all-linear' } },
	{ name: 'ours_gpt2', base: 'gpt2', options: { rank: 3, alpha: 6, rslora: false, targets: ['c_attn', 'c_fc'] } },
];

for (const { name, base, options } of adapters) {
	const loaded = loadDecoder(join('fixtures', base));
	const { family, config: modelConfig } = loaded;
	const config = newAdapterConfig(options, `../../${base}`, family.modelType);
	const projections = targetedModules(config, [...projectionSizes(family, modelConfig).keys()]) ?? [];
	const parameters = initialLowRank(loaded, projections, config, 1);
	const trainer = createTrainer(trainLowRank(loaded, config, parameters), { adamW: adamWDefaults, clip: 1 });
	const random = seededRandom('adapters', name);
	const batch = Array.from({ length: 4 }, () => {
		const ids = Array.from({ length: 9 }, () => random.integer(100));
		return { ids, weights: ids.map((_, i) => (i > 4 ? 1 : 0)) };
	});
	for (let step = 0; step < 20; step++) console.log(name, step, await trainer.step(batch, 0.05));
	await trainer.release();
	const folder = join('fixtures/adapters', name);
	mkdirSync(folder, { recursive: true });
	writeAdapter(folder, config, parameters);
	writeFileSync(join(folder, 'base.txt'), `${base}\n`);
}
