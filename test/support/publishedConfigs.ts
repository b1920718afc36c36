/** What published config.json files say, key by key, for `src/llm/models/publishedConfigs.test.ts`. */
import type { DecoderSizes } from '../../src/llm/models/decoder.ts';

type Values = Readonly<Record<string, unknown>>;

export interface Published {
	readonly name: string;
	readonly values: Values;
	/** Numbers in the weight files of the model, as published; counted by hand where no published number is known. */
	readonly parameters: number;
	readonly sizes: Partial<DecoderSizes>;
}

/** Sizes in the order of most configs: width, inner width, layers, heads, key/value heads, longest text. */
export function sized(...[hidden, inner, layers, heads, groups, tokens]: readonly number[]): Values {
	return {
		hidden_size: hidden,
		intermediate_size: inner,
		num_hidden_layers: layers,
		num_attention_heads: heads,
		num_key_value_heads: groups,
		max_position_embeddings: tokens,
	};
}

export const gated = {
	hidden_act: 'silu',
	rms_norm_eps: 1e-5,
	attention_dropout: 0,
	initializer_range: 0.02,
	use_cache: true,
};
const repeated = (kind: string, count: number): string[] => new Array<string>(count).fill(kind);
/** Every `interval`-th layer is the second kind. */
const pattern = <Kind>(usual: Kind, other: Kind, interval: number, layers: number): Kind[] =>
	Array.from({ length: layers }, (_, i) => ((i + 1) % interval === 0 ? other : usual));

const llama: readonly Published[] = [
	{
		name: 'Llama 2 7B',
		values: {
			...sized(4096, 11_008, 32, 32, 32, 4096),
			...gated,
			model_type: 'llama',
			vocab_size: 32_000,
			pretraining_tp: 1,
			rope_scaling: null,
			tie_word_embeddings: false,
		},
		parameters: 6_738_415_616,
		sizes: { headWidth: 128, contextLength: 4096 },
	},
	{
		name: 'Llama 3 8B',
		values: {
			...sized(4096, 14_336, 32, 32, 8, 8192),
			...gated,
			model_type: 'llama',
			vocab_size: 128_256,
			attention_bias: false,
			pretraining_tp: 1,
			rope_scaling: null,
			rope_theta: 500_000,
			tie_word_embeddings: false,
		},
		parameters: 8_030_261_248,
		sizes: { headWidth: 128, contextLength: 8192 },
	},
	{
		name: 'Llama 3.1 8B',
		values: {
			...sized(4096, 14_336, 32, 32, 8, 131_072),
			...gated,
			model_type: 'llama',
			vocab_size: 128_256,
			attention_bias: false,
			mlp_bias: false,
			rope_scaling: {
				factor: 8,
				high_freq_factor: 4,
				low_freq_factor: 1,
				original_max_position_embeddings: 8192,
				rope_type: 'llama3',
			},
			rope_theta: 500_000,
		},
		parameters: 8_030_261_248,
		sizes: { contextLength: 131_072 },
	},
	{
		name: 'SmolLM3 3B',
		values: {
			...sized(2048, 11_008, 36, 16, 4, 65_536),
			...gated,
			model_type: 'smollm3',
			vocab_size: 128_256,
			layer_types: repeated('full_attention', 36),
			max_window_layers: 28,
			no_rope_layer_interval: 4,
			no_rope_layers: pattern(1, 0, 4, 36),
			rope_scaling: null,
			rope_theta: 5_000_000,
			sliding_window: null,
			use_sliding_window: false,
		},
		parameters: 3_075_098_624,
		sizes: { headWidth: 128 },
	},
];

const mistral: readonly Published[] = [
	{
		name: 'Mistral 7B v0.1',
		values: {
			...sized(4096, 14_336, 32, 32, 8, 32_768),
			...gated,
			model_type: 'mistral',
			vocab_size: 32_000,
			rope_theta: 10_000,
			sliding_window: 4096,
		},
		parameters: 7_241_732_096,
		sizes: { contextLength: 32_768 },
	},
	{
		name: 'Mistral 7B v0.3',
		values: {
			...sized(4096, 14_336, 32, 32, 8, 32_768),
			...gated,
			model_type: 'mistral',
			vocab_size: 32_768,
			rope_theta: 1_000_000,
			sliding_window: null,
		},
		parameters: 7_248_023_552,
		sizes: {},
	},
];

const qwen: readonly Published[] = [
	{
		name: 'Qwen 3 0.6B',
		values: {
			...sized(1024, 3072, 28, 16, 8, 40_960),
			...gated,
			model_type: 'qwen3',
			vocab_size: 151_936,
			attention_bias: false,
			head_dim: 128,
			max_window_layers: 28,
			rope_scaling: null,
			rope_theta: 1_000_000,
			sliding_window: null,
			tie_word_embeddings: true,
			use_sliding_window: false,
		},
		parameters: 596_049_920,
		sizes: { headWidth: 128, heads: 16 },
	},
];

const phi: readonly Published[] = [
	{
		name: 'Phi-4-mini',
		values: {
			...sized(3072, 8192, 32, 24, 8, 131_072),
			...gated,
			model_type: 'phi3',
			vocab_size: 200_064,
			attention_bias: false,
			embd_pdrop: 0,
			full_attn_mod: 1,
			interpolate_factor: 1,
			lm_head_bias: false,
			mlp_bias: false,
			original_max_position_embeddings: 4096,
			partial_rotary_factor: 0.75,
			resid_pdrop: 0,
			rope_scaling: { type: 'longrope', short_factor: new Array(48).fill(1), long_factor: new Array(48).fill(1.5) },
			rope_theta: 10_000,
			sliding_window: 262_144,
			tie_word_embeddings: true,
		},
		parameters: 3_836_021_760,
		sizes: { headWidth: 128, contextLength: 4096 },
	},
	{
		name: 'Phi-2',
		values: {
			...sized(2560, 10_240, 32, 32, 32, 2048),
			model_type: 'phi',
			vocab_size: 51_200,
			embd_pdrop: 0,
			hidden_act: 'gelu_new',
			layer_norm_eps: 1e-5,
			partial_rotary_factor: 0.4,
			qk_layernorm: false,
			resid_pdrop: 0.1,
			rope_scaling: null,
			rope_theta: 10_000,
			tie_word_embeddings: false,
		},
		parameters: 2_779_683_840,
		sizes: { headWidth: 80 },
	},
];

const olmoStretch = {
	attention_factor: 1.2079441541679836,
	beta_fast: 32,
	beta_slow: 1,
	factor: 8,
	original_max_position_embeddings: 8192,
	rope_type: 'yarn',
};

const allen: readonly Published[] = [
	{
		name: 'OLMo 2 7B',
		values: {
			...sized(4096, 11_008, 32, 32, 32, 4096),
			...gated,
			model_type: 'olmo2',
			vocab_size: 100_352,
			attention_bias: false,
			rope_scaling: null,
			rope_theta: 500_000,
			tie_word_embeddings: false,
		},
		parameters: 7_298_617_344,
		sizes: { headWidth: 128, contextLength: 4096 },
	},
	{
		name: 'OLMo 3 7B',
		values: {
			...sized(4096, 11_008, 32, 32, 32, 65_536),
			...gated,
			model_type: 'olmo3',
			vocab_size: 100_278,
			attention_bias: false,
			layer_types: pattern('sliding_attention', 'full_attention', 4, 32),
			rope_scaling: olmoStretch,
			rope_theta: 500_000,
			sliding_window: 4096,
			tie_word_embeddings: false,
		},
		parameters: 7_298_011_136,
		sizes: { contextLength: 65_536 },
	},
];

const eleuther: readonly Published[] = [
	{
		name: 'Pythia 70M',
		values: {
			hidden_size: 512,
			intermediate_size: 2048,
			num_hidden_layers: 6,
			num_attention_heads: 8,
			max_position_embeddings: 2048,
			model_type: 'gpt_neox',
			vocab_size: 50_304,
			hidden_act: 'gelu',
			layer_norm_eps: 1e-5,
			rotary_emb_base: 10_000,
			rotary_pct: 0.25,
			tie_word_embeddings: false,
			use_parallel_residual: true,
		},
		parameters: 70_426_624,
		sizes: { headWidth: 64, contextLength: 2048 },
	},
	{
		name: 'TinyStories 33M',
		values: {
			model_type: 'gpt_neo',
			hidden_size: 768,
			intermediate_size: null,
			num_layers: 4,
			num_heads: 16,
			max_position_embeddings: 2048,
			vocab_size: 50_257,
			activation_function: 'gelu_new',
			attention_dropout: 0,
			attention_layers: ['global', 'local', 'global', 'local'],
			attention_types: [[['global', 'local'], 2]],
			embed_dropout: 0,
			gradient_checkpointing: false,
			layer_norm_epsilon: 1e-5,
			resid_dropout: 0,
			window_size: 256,
		},
		// Tables, then per layer q, k, v, o, the MLP and their biases, two norms; the last norm.
		parameters: (50_257 + 2048) * 768 + 4 * (12 * 768 ** 2 + 6 * 768 + 4 * 768) + 2 * 768,
		sizes: { headWidth: 48, layers: 4 },
	},
];

const graniteFactors = { attention_multiplier: 0.015625, embedding_multiplier: 12, residual_multiplier: 0.22 };

const google: readonly Published[] = [
	{
		name: 'Gemma 2B',
		values: {
			...sized(2048, 16_384, 18, 8, 1, 8192),
			model_type: 'gemma',
			vocab_size: 256_000,
			attention_bias: false,
			head_dim: 256,
			hidden_act: 'gelu',
			rms_norm_eps: 1e-6,
			rope_scaling: null,
			rope_theta: 10_000,
		},
		parameters: 2_506_172_416,
		sizes: { headWidth: 256, keyValueHeads: 1 },
	},
];

const ibm: readonly Published[] = [
	{
		name: 'Granite 3.3 2B',
		values: {
			...sized(2048, 8192, 40, 32, 8, 131_072),
			...gated,
			...graniteFactors,
			model_type: 'granite',
			vocab_size: 49_159,
			attention_bias: false,
			logits_scaling: 8,
			mlp_bias: false,
			rope_scaling: null,
			rope_theta: 10_000_000,
			tie_word_embeddings: true,
		},
		parameters: 2_533_539_840,
		sizes: { headWidth: 64 },
	},
	{
		name: 'Granite 4 Micro',
		values: {
			...sized(2560, 8192, 40, 40, 8, 131_072),
			...gated,
			...graniteFactors,
			model_type: 'granitemoehybrid',
			vocab_size: 100_352,
			attention_bias: false,
			init_method: 'mup',
			layer_types: repeated('attention', 40),
			logits_scaling: 10,
			mamba_chunk_size: 256,
			mamba_conv_bias: true,
			mamba_d_conv: 4,
			mamba_d_head: 64,
			mamba_d_state: 256,
			mamba_expand: 2,
			mamba_n_groups: 1,
			mamba_n_heads: 128,
			mamba_proj_bias: false,
			normalization_function: 'rmsnorm',
			num_experts_per_tok: 0,
			num_local_experts: 0,
			output_router_logits: false,
			position_embedding_type: 'rope',
			rope_scaling: null,
			rope_theta: 10_000_000,
			router_aux_loss_coef: 0.01,
			shared_intermediate_size: 8192,
			tie_word_embeddings: true,
		},
		parameters: 3_402_836_480,
		sizes: { headWidth: 64 },
	},
];

export const published: readonly Published[] = [
	...[...llama, ...mistral, ...qwen, ...phi, ...allen],
	...[...eleuther, ...google, ...ibm],
];
