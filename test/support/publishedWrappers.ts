/** What published config.json files of models that also read images say, as in `publishedConfigs.ts`. */
import { gated, type Published, sized } from './publishedConfigs.ts';

const vision = { model_type: 'siglip_vision_model', hidden_size: 1152, image_size: 896, patch_size: 14 };

/** A wrapper's text config leaves out what equals a default. */
export const publishedWrappers: readonly Published[] = [
	{
		name: 'Gemma 3 4B',
		values: {
			model_type: 'gemma3',
			architectures: ['Gemma3ForConditionalGeneration'],
			boi_token_index: 255_999,
			eoi_token_index: 256_000,
			eos_token_id: [1, 106],
			image_token_index: 262_144,
			initializer_range: 0.02,
			mm_tokens_per_image: 256,
			text_config: {
				hidden_size: 2560,
				intermediate_size: 10_240,
				model_type: 'gemma3_text',
				num_hidden_layers: 34,
				rope_scaling: { factor: 8, rope_type: 'linear' },
				sliding_window: 1024,
			},
			torch_dtype: 'bfloat16',
			vision_config: vision,
		},
		parameters: 3_880_263_168,
		sizes: { heads: 8, keyValueHeads: 4, headWidth: 256, contextLength: 131_072, vocabulary: 262_208 },
	},
	{
		name: 'Mistral Small 3.1 24B',
		values: {
			model_type: 'mistral3',
			image_token_index: 10,
			multimodal_projector_bias: false,
			projector_hidden_act: 'gelu',
			spatial_merge_size: 2,
			text_config: {
				...sized(5120, 32_768, 40, 32, 8, 131_072),
				...gated,
				head_dim: 128,
				model_type: 'mistral',
				rope_theta: 1_000_000_000,
				sliding_window: null,
				vocab_size: 131_072,
			},
			vision_config: { model_type: 'pixtral', hidden_size: 1024 },
			vision_feature_layer: -1,
		},
		parameters: 23_572_403_200,
		sizes: { headWidth: 128 },
	},
	{
		name: 'Devstral Small 2 24B',
		values: {
			model_type: 'mistral3',
			image_token_index: 10,
			multimodal_projector_bias: false,
			projector_hidden_act: 'gelu',
			spatial_merge_size: 2,
			text_config: {
				...sized(5120, 32_768, 40, 32, 8, 393_216),
				...gated,
				head_dim: 128,
				model_type: 'ministral3',
				rope_parameters: {
					beta_fast: 32,
					beta_slow: 1,
					factor: 48,
					llama_4_scaling_beta: 0.1,
					mscale: 1,
					mscale_all_dim: 1,
					original_max_position_embeddings: 8192,
					rope_theta: 100_000_000,
					rope_type: 'yarn',
					type: 'yarn',
				},
				sliding_window: null,
				vocab_size: 131_072,
			},
			vision_config: { model_type: 'pixtral', hidden_size: 1024 },
		},
		parameters: 23_572_403_200,
		sizes: { headWidth: 128, contextLength: 8192 },
	},
];
