/** The same calls on two devices. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { present } from '../../src/core/present.ts';
import type { Device } from '../../src/engine/onnx/session.ts';
import type { Bits } from '../../src/engine/graph/blockWeights.ts';
import { createEngine } from '../../src/llm/process/engine.ts';
import { writeRandomModel } from '../../bench/randomModel.ts';
import { writeRoundedModel } from '../../test/support/roundedModel.ts';
import { allCalls, type Numbers } from './calls.ts';
import { checkpointedPasses } from './checkpointedPasses.ts';

/** One way in which a model can lie in memory. */
interface Model {
	readonly folder: string;
	readonly adapter?: string | null;
	readonly prepack?: boolean;
	readonly quantised?: { readonly bits: Bits; readonly file: string };
}

const fixture = (name: string): Model => ({ folder: `fixtures/${name}` });

/** By name. Every family, weights with 16 bits mapped and copied, an adapter; blocks computed twice for two of them. */
const models: Readonly<Record<string, Model>> = {
	...Object.fromEntries(
		['llama2', 'llama3', 'mistral', 'qwen2', 'qwen3', 'gemma2', 'gemma3', 'phi3', 'gpt2'].map((name) => [
			name,
			fixture(name),
		]),
	),
	bf16: fixture('llama3_bf16_sharded'),
	'bf16 copied': { ...fixture('llama3_bf16_sharded'), prepack: true },
	'llama3 with an adapter': { ...fixture('llama3'), adapter: 'fixtures/adapters/rslora' },
};
export const modelNames = [...Object.keys(models), 'int8', 'int4', 'checkpointed llama3', 'checkpointed gemma2'];

/** Returns by name the largest difference between WebGPU and the CPU, relative to the largest number. */
export async function differencesOf(name: string): Promise<Record<string, number>> {
	const folder = mkdtempSync(join(tmpdir(), 'webgpu-'));
	try {
		const [expected, found] = await bothNumbers(name, folder);
		return Object.fromEntries(
			Object.entries(expected).map(([key, values]) => [key, difference(values, present(found[key], key))]),
		);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

async function bothNumbers(name: string, scratch: string): Promise<[Numbers, Numbers]> {
	const model = models[name];
	if (model !== undefined) return [await numbersOn('cpu', model), await numbersOn('webgpu', model)];
	const [form, family = ''] = name.split(' ');
	if (form !== 'checkpointed') return quantisedNumbers(name === 'int8' ? 8 : 4, scratch);
	return [
		await checkpointedPasses(`fixtures/${family}`, 'cpu'),
		await checkpointedPasses(`fixtures/${family}`, 'webgpu'),
	];
}

/**
 * The kernel of the CPU rounds what it multiplies with quantised weights, SwiftShader's does not: the reference is a
 * model whose stored weights were rounded. Quantised matrices need rows of 64 numbers, which no fixture has.
 */
async function quantisedNumbers(bits: Bits, scratch: string): Promise<[Numbers, Numbers]> {
	const [folder, rounded] = [join(scratch, 'random'), join(scratch, 'rounded')];
	writeRandomModel(folder, 'tiny', 'BF16');
	writeRoundedModel(folder, rounded, bits);
	const quantised = { bits, file: join(scratch, 'quantised.safetensors') };
	return [await numbersOn('cpu', { folder: rounded }), await numbersOn('webgpu', { folder, quantised })];
}

function numbersOn(device: Device, { folder, adapter = null, prepack = false, quantised }: Model): Promise<Numbers> {
	const engine = createEngine({
		folder,
		adapter,
		prepack,
		device,
		endTokens: [],
		maxTokens: 64,
		minimumSharedTokens: 4,
		...(quantised === undefined ? {} : { quantised }),
	});
	return allCalls(engine);
}

function difference(expected: readonly number[], actual: readonly number[]): number {
	if (expected.length !== actual.length) return Infinity;
	if (expected.length === 0) return 0;
	const scale = Math.max(...expected.map(Math.abs));
	const largest = Math.max(...expected.map((value, i) => Math.abs(value - (actual[i] as number))));
	return largest === 0 ? 0 : largest / scale;
}
