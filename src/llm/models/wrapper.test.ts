/** Text models inside models that read images: the layouts of their files, and what is refused. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readAsFloat32, readSafetensorsHeader, readTensor, type TensorEntry } from '../weights/safetensors.ts';
import { type TensorToWrite, writeSafetensors } from '../weights/safetensorsWriter.ts';
import { familyOf } from './families.ts';
import { loadDecoder } from './loadDecoder.ts';

const fixture = 'fixtures/mistral3_wrapper';
const { tensors } = readSafetensorsHeader(join(fixture, 'model.safetensors'));
const config = JSON.parse(readFileSync(join(fixture, 'config.json'), 'utf8')) as Record<string, unknown>;

/** Returns a copy of the fixture whose tensors have other names, with further ones. */
function copyWith(rename: (name: string) => string, more: Readonly<Record<string, TensorToWrite>> = {}): string {
	const folder = mkdtempSync(join(tmpdir(), 'wrapper-'));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	cpSync(join(fixture, 'config.json'), join(folder, 'config.json'));
	const entries = tensors.map((entry): [string, TensorToWrite] => [
		rename(entry.name),
		{ dtype: entry.dtype, shape: entry.shape, data: readTensor(entry) },
	]);
	writeSafetensors(join(folder, 'model.safetensors'), { ...Object.fromEntries(entries), ...more });
	return folder;
}

describe('weights of a text model', () => {
	const layouts: readonly (readonly [string, (name: string) => string])[] = [
		['older files', (name) => name],
		[
			'newer files',
			(name) =>
				name.replace('language_model.model.', 'model.language_model.').replace('vision_tower.', 'model.vision_tower.'),
		],
		['the text model alone', (name) => name.replace('language_model.model.', 'model.')],
		['without its head', (name) => name.replace('language_model.model.', 'language_model.')],
	];

	it.each(layouts)('are found in the layout of %s', (_, rename) => {
		const { checkpoint } = loadDecoder(copyWith(rename));
		expect([...checkpoint.tensors.keys()].some((name) => name.includes('vision'))).toBe(false);
		const stored = tensors.find(({ name }) => name.endsWith('layers.1.mlp.up_proj.weight')) as TensorEntry;
		const found = checkpoint.tensors.get('model.layers.1.mlp.up_proj.weight') as TensorEntry;
		expect(readAsFloat32(found)).toEqual(readAsFloat32(stored));
	});

	it('use the head that is stored, and the embeddings where there is none', () => {
		const table = tensors.find(({ name }) => name.endsWith('embed_tokens.weight')) as TensorEntry;
		const data = Float32Array.from(readAsFloat32(table), (value) => -value);
		const head = { dtype: 'F32' as const, shape: table.shape, data };
		const withHead = loadDecoder(copyWith((name) => name, { 'language_model.lm_head.weight': head }));
		expect(withHead.config.values['tie_word_embeddings']).toBe(false);
		expect(loadDecoder(copyWith((name) => name)).config.values['tie_word_embeddings']).toBe(true);
	});

	it('that are left over are refused', () => {
		const odd = { dtype: 'F32' as const, shape: [1], data: new Float32Array(1) };
		expect(() => loadDecoder(copyWith((name) => name, { 'language_model.model.extra': odd }))).toThrow('model.extra');
	});
});

describe('refused', () => {
	const values = (changed: Readonly<Record<string, unknown>>): (() => unknown) => {
		const read = { file: 'config.json', values: { ...config, ...changed } };
		return () => familyOf(read).readSizes(read);
	};

	it.each([
		[{ text_config: undefined }, 'needs its text model'],
		[
			{ text_config: { model_type: 'mamba' } },
			'text_config.model_type "mamba" is not handled inside mistral3. Known: mistral, ministral3',
		],
		[{ rope_theta: 5 }, 'rope_theta=5'],
		[
			{ text_config: { ...(config['text_config'] as object), attn_bias: 5 } },
			'config.json, text_config: keys that may change',
		],
		[{ model_type: 'qwen3_5' }, 'linear attention'],
		[{ model_type: 'llama4' }, 'attention in chunks'],
	])('%o', (changed, named) => {
		expect(values(changed)).toThrow(named);
	});

	it('a config without a place for its weights', () => {
		const folder = copyWith((name) => name);
		writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, text_config: 'none' }));
		expect(() => loadDecoder(folder)).toThrow('text_config');
	});
});
