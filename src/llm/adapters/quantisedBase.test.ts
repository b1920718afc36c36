import { expect, it } from 'vitest';
import { join, resolve } from 'node:path';
import type { Adapter } from './adapter.ts';
import { quantisedBaseNote } from './quantisedBase.ts';

const adapterOf = (base: string | null): Adapter => ({
	folder: resolve('fixtures/adapters/ours'),
	config: { peft_type: 'LORA', base_model_name_or_path: base, r: 2, lora_alpha: 4 },
	changes: new Map(),
});
const weights = (dtype: 'F16' | 'Q4_K' | 'Q8_0') => ({
	tensors: new Map([
		['a', { file: 'f', name: 'a', dtype, shape: [1], offset: 0, byteLength: 1 }],
		['norm', { file: 'f', name: 'norm', dtype: 'F32' as const, shape: [1], offset: 0, byteLength: 4 }],
	]),
});
const note = (base: string | null, model: string, dtype: 'F16' | 'Q4_K' | 'Q8_0'): string | null =>
	quantisedBaseNote(adapterOf(base), model, weights(dtype));
const q8 = resolve('fixtures/gguf/models/llama.gguf');

it.each([
	['no base is named', null, 'm', 'Q4_K'],
	['both are not quantised', 'org/model', 'models/mine', 'F16'],
	['it learnt on this file', q8, q8, 'Q8_0'],
	['it learnt on a file of the same kind', q8, 'other.gguf', 'Q8_0'],
	['a name only looks so', 'org/bitter-model-7B', 'models/mine', 'F16'],
] as const)('nothing is said where %s', (_, base, model, dtype) => {
	expect(note(base, model, dtype)).toBeNull();
});

it.each([
	['unsloth/llama-3-8b-bnb-4bit', 'm', 'F16', /which is quantised \(bnb-4bit|which is quantised \(bnb\)/u],
	['org/Model-7B-GPTQ', 'm', 'F16', /which is quantised \(GPTQ\); m is not quantised/u],
	['org/model-Q4_K_M.gguf', 'm', 'F16', /quantised \(Q4_K_M\)/u],
	['org/model', 'model.gguf', 'Q4_K', /which is not quantised; model.gguf is quantised \(Q4_K\)/u],
	[q8, join('models', 'tiny-base'), 'F16', /which is quantised \(Q8_0\); tiny-base is not quantised/u],
	[q8, 'other.gguf', 'Q4_K', /which is quantised \(Q8_0\); other.gguf is quantised \(Q4_K\)/u],
] as const)('%s on %s (%s) is told apart', (base, model, dtype, message) => {
	expect(note(base, model, dtype)).toMatch(message);
});
