/** Full fine-tuning against PyTorch: three AdamW steps (learning rate 0.01, weight decay 0.01, no clipping) on two prompts. */
import { dirname, join } from 'node:path';
import { loadDecoder } from '../../src/llm/models/loadDecoder.ts';
import { readAsFloat32 } from '../../src/llm/weights/safetensors.ts';
import { adamWDefaults } from '../../src/training/adamW.ts';
import { createTrainer, type ParameterValues } from '../../src/training/trainer.ts';
import { compare, type Difference, type Expected, readExpected } from './difference.ts';

const learningRate = 0.01;
const tolerance = 1e-4;

/** Returns the difference of losses and of the parameters that the folder's expected.safetensors holds. */
export async function compareTraining(folder: string): Promise<Difference[]> {
	const expected = readExpected(join(folder, 'expected.safetensors'));
	const { family, config, checkpoint } = loadDecoder(join(dirname(folder), 'llama3'));
	const parameters: ParameterValues = new Map(
		[...checkpoint.tensors].map(([name, entry]) => [name, { shape: entry.shape, data: readAsFloat32(entry) }]),
	);
	const trainer = await createTrainer({ family, config, parameters, adamW: adamWDefaults, clip: Infinity });
	const batch = readBatch(expected);
	const losses = [];
	for (let step = 0; step < 3; step++) losses.push(await trainer.step(batch, learningRate));
	await trainer.release();
	const after = [...parameters].filter(([name]) => expected.has(`full.after.${name}`));
	return [
		compare('full.loss', losses, expected.floats('full.loss'), tolerance),
		...after.map(([name, { data }]) =>
			compare(`full.after.${name}`, data, expected.floats(`full.after.${name}`), tolerance),
		),
	];
}

/** The target label follows the last token of each prompt; masked (padded) positions are left out. */
function readBatch(expected: Expected): { ids: number[]; weights: number[] }[] {
	const [ids, mask, targets] = ['input_ids', 'attention_mask', 'target'].map((name) => expected.integers(name)) as [
		number[],
		number[],
		number[],
	];
	const width = ids.length / targets.length;
	return targets.map((target, row) => {
		const tokens = ids.slice(row * width, (row + 1) * width).filter((_, i) => mask[row * width + i] === 1);
		return { ids: [...tokens, target], weights: [...tokens.map(() => 0), 1] };
	});
}
