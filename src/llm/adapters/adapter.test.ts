import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../core/errors.ts';
import { createEngine } from '../process/engine.ts';
import { loadDecoder } from '../models/loadDecoder.ts';
import { modelPlace } from '../openModel.ts';
import { readAsFloat32, readSafetensorsHeader, readTensor } from '../weights/safetensors.ts';
import { writeSafetensors } from '../weights/safetensorsWriter.ts';
import { type AdapterConfig, rankAndScaling, targetedModules } from './adapterConfig.ts';

const adapters = 'fixtures/adapters';

describe('adapters', () => {
	it.each(['patterns', 'rslora', 'layers', 'gpt2', 'half', 'ours', 'ours_gpt2'])(
		'%s: gives the log-probabilities that PEFT gives',
		async (name) => {
			const { folder, adapter } = modelPlace(join(adapters, name));
			const { tensors } = readSafetensorsHeader(join(adapters, name, 'expected.safetensors'));
			const [ids, logits] = ['input_ids', 'logits'].map((key) => tensors.find((entry) => entry.name === key));
			if (ids === undefined || logits === undefined) throw new Error('the fixture has no numbers');
			const prompt = Array.from(readTensor(ids), Number);
			const vocabulary = logits.shape[1] as number;
			const last = [...readAsFloat32(logits)].slice(-vocabulary);
			const engine = createEngine({ folder, adapter, endTokens: [], maxTokens: 256, prepack: false });
			const labels = last.map((_, token) => [token]);
			const [found] = await engine.scoreLabels([prompt], labels);
			const normaliser = Math.log(last.reduce((total, logit) => total + Math.exp(logit), 0));
			const difference = last.map((logit, token) =>
				Math.abs((found?.logProbabilities[token] ?? NaN) - (logit - normaliser)),
			);
			expect(Math.max(...difference)).toBeLessThan(1e-4);
		},
	);
});

/** Returns a copy of an adapter with a changed config, beside the base model it names. */
function changed(name: string, change: Record<string, unknown>): { base: string; folder: string } {
	const folder = mkdtempSync(join(tmpdir(), 'adapter-'));
	cpSync(join(adapters, name), folder, { recursive: true });
	const file = join(folder, 'adapter_config.json');
	const config = { ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...change };
	writeFileSync(file, JSON.stringify(config));
	return { base: 'fixtures/llama3', folder };
}

describe('what is refused', () => {
	it.each([
		[{ use_dora: true }, 'DoRA: use_dora=true'],
		[
			{ peft_type: 'IA3', r: undefined, lora_alpha: undefined },
			'adapters of type IA3 are not supported; possible is LORA',
		],
		[{ init_lora_weights: 'loftq', loftq_config: { loftq_bits: 4 } }, 'LoftQ: loftq_config={"loftq_bits":4}'],
		[{ modules_to_save: ['lm_head'] }, 'modules saved whole: modules_to_save=["lm_head"]'],
		[{ bias: 'all' }, 'bias="all"'],
		[{ init_lora_weights: 'pissa' }, 'init_lora_weights="pissa"'],
		[{ something_new: 1 }, 'something_new=1'],
		[{ r: 5, rank_pattern: {} }, 'but adapter_config.json and the base model say [5, 48]'],
		[{ target_modules: ['q_proj', 'v_proj', 'up_proj', 'lm_head', 'k_proj'] }, '3 modules that the adapter'],
	])('%j', (change, message) => {
		const { base, folder } = changed('patterns', change);
		expect(() => loadDecoder(base, folder)).toThrow(message);
	});

	it('tensors of another model', () => {
		const { folder } = changed('patterns', { target_modules: null });
		const file = join(folder, 'adapter_model.safetensors');
		const shape = [3, 48];
		const name = 'base_model.model.model.layers.9.self_attn.q_proj.lora_A.weight';
		writeSafetensors(file, { [name]: { dtype: 'F32', shape, data: new Float32Array(144) } });
		expect(() => loadDecoder('fixtures/llama3', folder)).toThrow(`change nothing in this base model`);
	});

	it.each(['target_modules', 'exclude_modules'])('%s that are no regular expression', (key) => {
		for (const pattern of ['(', '[', '\\']) {
			const { base, folder } = changed('patterns', { [key]: pattern });
			expect(() => loadDecoder(base, folder)).toThrow(
				new RegExp(`adapter_config\\.json: ${key}: .* cannot be read`, 'u'),
			);
		}
	});

	it.each(['rank_pattern', 'alpha_pattern'])('%s that are no regular expression, or look around', (key) => {
		for (const pattern of ['(', '(?!.*k_proj).*']) {
			const { base, folder } = changed('patterns', { [key]: { [pattern]: 1 } });
			expect(() => loadDecoder(base, folder)).toThrow(new RegExp(`adapter_config\\.json: ${key}: `, 'u'));
			expect(() => loadDecoder(base, folder)).toThrow(UserError);
		}
	});

	it('a key that nobody knows, however deep its value is', () => {
		const { base, folder } = changed('patterns', {});
		const file = join(folder, 'adapter_config.json');
		const text = readFileSync(file, 'utf8')
			.trim()
			.replace(/\}$/u, `,"deep":${'['.repeat(5000)}${']'.repeat(5000)}}`);
		writeFileSync(file, text);
		expect(() => loadDecoder(base, folder)).toThrow(UserError);
		expect(() => loadDecoder(base, folder)).toThrow('deep');
	});

	it('an adapter whose base model is not there', () => {
		const { folder } = changed('patterns', { base_model_name_or_path: 'meta/nowhere' });
		expect(() => modelPlace(folder)).toThrow('the adapter changes the model "meta/nowhere"');
		expect(modelPlace('fixtures/llama3', folder)).toEqual({ folder: 'fixtures/llama3', adapter: folder });
	});
});

describe('target_modules as a regular expression of Python', () => {
	/** What the adapter of the fixture changes, and no more. */
	const targets = '(?:model[.]layers[.][0-9]+[.](?:self_attn[.](?P<part>Q_PROJ|V_PROJ)|mlp[.]UP_PROJ))|LM_HEAD';

	it.each([`(?i:${targets})`, `(?i)${targets}\\Z`, '(?!.*vision).*(?:q_proj|v_proj|up_proj)', '((.*)*)*x'])(
		'%s',
		(pattern) => {
			const listed = changed('patterns', {});
			const plain = loadDecoder(listed.base, listed.folder).adapter?.changes;
			const { base, folder } = changed('patterns', { target_modules: pattern });
			expect([...(loadDecoder(base, folder).adapter?.changes.keys() ?? [])]).toEqual([...(plain?.keys() ?? [])]);
		},
	);
});

describe('embeddings saved beside the changes', () => {
	/** Returns a copy of an adapter with a tensor of the base model added under a name, its first value changed by so much. */
	function withWhole(name: string, source: string, change: number): { base: string; folder: string } {
		const { base, folder } = changed('patterns', {});
		const file = join(folder, 'adapter_model.safetensors');
		const own = readSafetensorsHeader(file).tensors;
		const [table] = readSafetensorsHeader(join(base, 'model.safetensors')).tensors.filter(
			(entry) => entry.name === source,
		);
		if (table === undefined) throw new Error('the fixture has no such tensor');
		const values = Float32Array.from(readAsFloat32(table));
		values[0] = (values[0] ?? 0) + change;
		const tensors = own.map(
			(entry) =>
				[
					entry.name,
					{ dtype: 'F32' as const, shape: entry.shape, data: Float32Array.from(readAsFloat32(entry)) },
				] as const,
		);
		const added = { dtype: 'F32' as const, shape: table.shape, data: values };
		writeSafetensors(file, { ...Object.fromEntries(tensors), [name]: added });
		return { base, folder };
	}
	const table = 'model.embed_tokens.weight';

	it.each([`base_model.model.${table}`, 'base_model.model.embed_tokens.weight'])(
		'are used where they are unchanged: %s',
		(name) => {
			const { base, folder } = withWhole(name, table, 0);
			expect(loadDecoder(base, folder).adapter?.changes.size).toBeGreaterThan(0);
		},
	);

	it('are to be merged where they differ', () => {
		const { base, folder } = withWhole(`base_model.model.${table}`, table, 1);
		expect(() => loadDecoder(base, folder)).toThrow(
			/whole weights that differ .*embed_tokens\.weight.* Merge the adapter/u,
		);
	});
});

describe('patterns', () => {
	const config: AdapterConfig = {
		...{ peft_type: 'LORA', r: 4, lora_alpha: 8 },
		rank_pattern: { q_proj: 2, '^model.layers.1.mlp.up_proj': 16 },
		alpha_pattern: { 'layers\\.0\\..*': 1 },
	};

	it.each([
		['model.layers.1.self_attn.q_proj', false, 2, 4],
		['model.layers.0.self_attn.q_proj', false, 2, 0.5],
		['model.layers.1.mlp.up_proj', true, 16, 2],
		['model.layers.1.self_attn.k_proj', true, 4, 4],
	])('%s: rank and scaling', (module, use_rslora, rank, scaling) => {
		expect(rankAndScaling({ ...config, use_rslora }, module)).toEqual({ rank, scaling });
	});

	it('targets by ending, name or expression, without what is excluded', () => {
		const modules = ['model.layers.0.mlp.up_proj', 'model.layers.1.mlp.up_proj', 'lm_head'];
		const of = (change: Partial<AdapterConfig>): string[] | null => targetedModules({ ...config, ...change }, modules);
		expect(of({ target_modules: ['proj'] })).toEqual([]);
		expect(of({ target_modules: ['up_proj'], layers_to_transform: [1] })).toEqual([modules[1]]);
		expect(of({ target_modules: 'all-linear' })).toEqual(modules.slice(0, 2));
		expect(of({ target_modules: '.*0.*' })).toEqual([modules[0]]);
		expect(of({ target_modules: ['up_proj', 'lm_head'], exclude_modules: ['up_proj'] })).toEqual(['lm_head']);
		expect(of({})).toBeNull();
	});
});
