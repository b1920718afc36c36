/** What config.json may say: the forms that publishers use are understood, what is not understood is refused by name. */
import { describe, expect, it } from 'vitest';
import { UserError } from '../../core/errors.ts';
import { weight } from '../../engine/graph/build.ts';
import type { Decoder, DecoderSizes } from './decoder.ts';
import { familyOf } from './families.ts';

const common = {
	vocab_size: 32_000,
	hidden_size: 2048,
	intermediate_size: 5632,
	num_hidden_layers: 4,
	num_attention_heads: 32,
	num_key_value_heads: 4,
	max_position_embeddings: 2048,
	rms_norm_eps: 1e-5,
	bos_token_id: 1,
	eos_token_id: [2, 3],
	initializer_range: 0.02,
	torch_dtype: 'bfloat16',
	transformers_version: '4.40.1',
	use_cache: true,
};
const llama = { ...common, model_type: 'llama', hidden_act: 'silu', rope_theta: 10_000, rope_scaling: null };
const gemma = { ...common, head_dim: 256, hidden_activation: 'gelu_pytorch_tanh', query_pre_attn_scalar: 256 };
const gpt2 = {
	model_type: 'gpt2',
	activation_function: 'gelu_new',
	attn_pdrop: 0.1,
	embd_pdrop: 0.1,
	initializer_range: 0.02,
	layer_norm_epsilon: 1e-5,
	n_ctx: 1024,
	n_embd: 768,
	n_head: 12,
	n_layer: 12,
	n_positions: 1024,
	resid_pdrop: 0.1,
	summary_type: 'cls_index',
	summary_use_proj: true,
	task_specific_params: { 'text-generation': { do_sample: true, max_length: 50 } },
	vocab_size: 50_257,
};
const gemma3 = {
	...gemma,
	model_type: 'gemma3_text',
	attn_logit_softcapping: null,
	final_logit_softcapping: null,
	cache_implementation: 'hybrid',
	rope_local_base_freq: 10_000,
	rope_scaling: null,
	rope_theta: 1_000_000,
	sliding_window: 512,
	sliding_window_pattern: 6,
};
const phi3 = {
	...common,
	model_type: 'phi3',
	hidden_act: 'silu',
	attention_bias: false,
	embd_pdrop: 0,
	resid_pdrop: 0,
	partial_rotary_factor: 0.75,
	full_attn_mod: 1,
	interpolate_factor: 1,
	max_position_embeddings: 131_072,
	original_max_position_embeddings: 4096,
	rope_scaling: { type: 'longrope', short_factor: new Array(24).fill(1), long_factor: new Array(24).fill(2) },
	sliding_window: 262_144,
};
const qwen = {
	...common,
	hidden_act: 'silu',
	max_window_layers: 28,
	sliding_window: 32_768,
	use_sliding_window: false,
};

type Values = Readonly<Record<string, unknown>>;

function open(values: Values): { readonly sizes: DecoderSizes; readonly decoder: Decoder } {
	const config = { file: 'config.json', values };
	const family = familyOf(config);
	return { sizes: family.readSizes(config), decoder: family.createDecoder(config, weight) };
}

describe('published configs', () => {
	const published: readonly {
		readonly name: string;
		readonly values: Values;
		readonly sizes: Partial<DecoderSizes>;
	}[] = [
		{ name: 'llama', values: { ...llama, pretraining_tp: 1, mlp_bias: false }, sizes: { headWidth: 64 } },
		{ name: 'smollm2', values: { ...llama, is_llama_config: true, rope_interleaved: false }, sizes: {} },
		{
			name: 'mistral',
			values: { ...common, model_type: 'mistral', hidden_act: 'silu', rope_theta: 10_000, sliding_window: 4096 },
			sizes: { keyValueHeads: 4 },
		},
		{ name: 'qwen2.5', values: { ...qwen, model_type: 'qwen2', use_mrope: false }, sizes: { headWidth: 64 } },
		{ name: 'qwen3', values: { ...qwen, model_type: 'qwen3', head_dim: 128 }, sizes: { headWidth: 128 } },
		{
			name: 'gemma2',
			values: { ...gemma, model_type: 'gemma2', hidden_act: 'gelu_pytorch_tanh', sliding_window: 4096 },
			sizes: { headWidth: 256 },
		},
		{ name: 'gemma3', values: gemma3, sizes: { headWidth: 256 } },
		{ name: 'phi4-mini', values: { ...phi3, lm_head_bias: false, mlp_bias: false }, sizes: { contextLength: 4096 } },
		{ name: 'gpt2', values: gpt2, sizes: { headWidth: 64, contextLength: 1024 } },
	];

	it.each(published)('$name is understood', ({ values, sizes }) => {
		expect(open(values).sizes).toMatchObject(sizes);
	});
});

describe('keys that say nothing', () => {
	const silent: readonly Values[] = [
		// As other programs dump them: not used, or of another task.
		{ quantization_config: null, sliding_window: null, use_sliding_window: false, attention_chunk_size: null },
		{ pruned_heads: {}, bad_words_ids: null, lm_head_bias: false, mlp_bias: false, qk_norm: [], max_window_layers: 36 },
		{ layer_types: new Array(4).fill('full_attention'), partial_rotary_factor: 1, rope_interleaved: false },
		{ num_labels: 2, id2label: { 0: 'a' }, finetuning_task: 'x', loss_type: 'ForCausalLM', tf_legacy_loss: true },
		{ add_cross_attention: false, is_encoder_decoder: false, tie_encoder_decoder: false },
		// History of the file.
		{ _model_name_or_path: 'x', _name_or_path: '', name_or_path: 'y', _commit_hash: 'abc', transformers_version: '5' },
		{ dtype: 'bfloat16', torch_dtype: null, use_bfloat16: true, torchscript: true, output_past: true },
		{ attn_implementation: 'eager', _attn_implementation: 'flash_attention_2', _flash_attn_2_enabled: true },
		// Training and generation.
		{ embd_dropout: 0.1, initializer_factor: 2, router_aux_loss_coef: 0.1, num_beams: 4, repetition_penalty: 1.1 },
		{ max_sequence_length: 2048, model_max_length: 4096, seq_length: 512, sep_token_id: 3, suppress_tokens: [1] },
		{ hidden_act: 'swish' },
	];

	it.each(silent)('%o is read', (keys) => {
		expect(open({ ...llama, ...keys }).sizes).toEqual(open(llama).sizes);
	});

	it.each([{ is_causal: false }, { use_rope: false }])(
		'%o says something: these are on where a config is silent',
		(keys) => {
			const [key] = Object.keys(keys);
			expect(() => open({ ...llama, ...keys })).toThrow(`${key}=false`);
		},
	);

	it('layer types that repeat what the family does anyway are read, others refused', () => {
		const mistral = { ...common, model_type: 'mistral', hidden_act: 'silu', sliding_window: 8 };
		const types = (kind: string): Values => ({ layer_types: new Array(4).fill(kind) });
		expect(() => open({ ...mistral, ...types('sliding_attention') })).not.toThrow();
		expect(() => open({ ...mistral, ...types('full_attention') })).toThrow('one window for all layers');
		expect(() => open({ ...llama, ...types('sliding_attention') })).toThrow('layer_types');
	});
});

describe('refused', () => {
	const refused: readonly { readonly values: Values; readonly named: string }[] = [
		{ values: { ...llama, model_type: 'mamba' }, named: '"mamba"' },
		{ values: { ...llama, quantization_config: { bits: 4 } }, named: 'quantization_config' },
		{ values: { ...llama, quantization_config: 'a'.repeat(1000) }, named: `quantization_config="${'a'.repeat(119)}…` },
		{ values: { ...llama, attn_logit_softcapping: 50 }, named: 'attn_logit_softcapping=50' },
		{ values: { ...llama, sliding_window: 8 }, named: 'sliding_window=8' },
		{ values: { ...llama, hidden_act: 'relu' }, named: 'hidden_act' },
		{ values: { ...llama, rope_interleaved: true }, named: 'rope_interleaved' },
		{ values: { ...llama, num_key_value_heads: 5 }, named: '32 attention heads cannot share 5' },
		{ values: { ...llama, head_dim: 7 }, named: 'a head has 7' },
		{ values: { ...qwen, model_type: 'qwen2', use_mrope: true }, named: 'use_mrope' },
		{ values: { ...qwen, model_type: 'qwen3', layer_types: ['full_attention'] }, named: '1 entries for 4 layers' },
		{
			values: { ...qwen, model_type: 'qwen3', layer_types: new Array(4).fill('sliding_attention') },
			named: 'sliding_window is not set or switched off',
		},
		{ values: { ...gemma3, use_bidirectional_attention: true }, named: 'use_bidirectional_attention' },
		{ values: { ...gemma3, attn_logit_softcapping: 50 }, named: 'attn_logit_softcapping' },
		{ values: { ...gemma3, rope_parameters: { rope_type: 'default' } }, named: 'rope_type' },
		{ values: { ...phi3, partial_rotary_factor: 1.5 }, named: 'partial_rotary_factor' },
		{ values: { ...llama, is_encoder_decoder: true }, named: 'is_encoder_decoder' },
		{ values: { ...llama, time_step_limit: [0, Infinity] }, named: 'time_step_limit=[0,"Infinity"]' },
		{ values: { ...llama, rms_norm_eps: Number.NaN }, named: 'rms_norm_eps' },
		{ values: { ...gpt2, add_cross_attention: true }, named: 'add_cross_attention' },
		{ values: { ...gpt2, n_head: 7 }, named: '7 heads do not divide' },
	];

	it.each(refused)('$named', ({ values, named }) => {
		expect(() => open(values)).toThrow(UserError);
		expect(() => open(values)).toThrow(named);
	});
});
