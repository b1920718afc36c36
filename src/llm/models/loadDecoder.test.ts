/** Forms in which checkpoints are published. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { UserError } from '../../core/errors.ts';
import { openCheckpoint } from '../weights/checkpoint.ts';
import { readAsFloat32, type TensorEntry } from '../weights/safetensors.ts';
import { type TensorToWrite, writeSafetensors } from '../weights/safetensorsWriter.ts';
import { loadDecoder } from './loadDecoder.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'load-decoder-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

type Tensors = Record<string, TensorToWrite>;

/** Writes a fixture's model with its tensors changed. */
function copyChanged(fixture: string, change: (name: string, tensor: TensorToWrite) => Tensors): void {
	const tensors: Tensors = {};
	for (const [name, entry] of openCheckpoint(join('fixtures', fixture)).tensors) {
		Object.assign(
			tensors,
			change(name, { dtype: 'F32', shape: entry.shape, data: Float32Array.from(readAsFloat32(entry)) }),
		);
	}
	copyFileSync(join('fixtures', fixture, 'config.json'), join(folder, 'config.json'));
	writeSafetensors(join(folder, 'model.safetensors'), tensors);
}

it('reads GPT-2 as it is published: names without "transformer.", causal masks beside the weights', () => {
	const mask = (layer: number): Tensors => ({
		[`h.${layer}.attn.bias`]: { dtype: 'F32', shape: [1, 1, 2, 2], data: Float32Array.of(1, 0, 1, 1) },
	});
	copyChanged('gpt2', (name, tensor) => ({ [name.replace('transformer.', '')]: tensor, ...mask(0), ...mask(1) }));
	const { place, checkpoint } = loadDecoder(folder);
	const { offset } = checkpoint.tensors.get('wte.weight') as TensorEntry;
	expect(place('wte.weight').offset).toBe(offset);
});

it('names a weight that is missing', () => {
	copyChanged('qwen3', (name, tensor) => (name.endsWith('1.self_attn.k_norm.weight') ? {} : { [name]: tensor }));
	expect(() => loadDecoder(folder)).toThrow(UserError);
	expect(() => loadDecoder(folder)).toThrow('"model.layers.1.self_attn.k_norm.weight" is missing');
});

it('takes a stored head beside a tied one only where both are the same', () => {
	const withHead = (change: (data: Float32Array) => void) => (): void =>
		copyChanged('gemma2', (name, tensor) => {
			if (!name.endsWith('embed_tokens.weight')) return { [name]: tensor };
			const data = Float32Array.from(tensor.data as Float32Array);
			change(data);
			return { [name]: tensor, 'lm_head.weight': { ...tensor, data } };
		});
	withHead(() => {})();
	expect(loadDecoder(folder).decoder.sizes.layers).toBeGreaterThan(0);
	withHead((data) => data.set([data[data.length - 1] ?? 0], 0))();
	expect(() => loadDecoder(folder)).toThrow('lm_head.weight differs from model.embed_tokens.weight');
});

it('names weights that are left over', () => {
	const norm: TensorToWrite = { dtype: 'F32', shape: [8], data: new Float32Array(8) };
	copyChanged('mistral', (name, tensor) => ({ [name]: tensor, 'model.layers.0.self_attn.q_norm.weight': norm }));
	expect(() => loadDecoder(folder)).toThrow('model.layers.0.self_attn.q_norm.weight');
});
