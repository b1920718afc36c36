/** Granite 4 (IBM 2025) without Mamba layers and without experts: Granite's block with gate and up in one weight. */
import { z } from 'zod';
import { commonKeys, commonOptions, size } from '../parts/commonConfig.ts';
import { gatedMlp } from '../parts/projections.ts';
import { rotaryFamily } from '../parts/rotaryFamily.ts';
import { graniteKeys, graniteOptions } from './granite.ts';

const attentionOnly = z.enum(['attention', 'full_attention'], {
	error: 'only layers of attention are handled, no Mamba or other linear attention',
});

/** Settings of Mamba layers, which no layer uses here. */
const unusedMamba = Object.fromEntries(
	['n_heads', 'n_groups', 'd_state', 'd_head', 'd_conv', 'expand', 'chunk_size', 'conv_bias', 'proj_bias'].map(
		(key) => [`mamba_${key}`, z.unknown().optional()],
	),
);

const schema = z.object({
	...unusedMamba,
	time_step_limit: z.unknown().optional(),
	time_step_min: z.unknown().optional(),
	time_step_max: z.unknown().optional(),
	...commonKeys,
	...graniteKeys,
	layer_types: z.array(attentionOnly),
	layers_block_type: z.array(attentionOnly).optional(),
	num_local_experts: z.literal(0, { error: 'only models without experts are handled' }),
	num_experts_per_tok: z.number().nullish(),
	shared_intermediate_size: size,
	position_embedding_type: z.enum(['rope', 'nope']).nullish(),
	normalization_function: z.literal('rmsnorm').optional(),
});

export const graniteHybrid = rotaryFamily('granitemoehybrid', schema, (values, file) => {
	const options = commonOptions(file, values);
	const shared = graniteOptions(values);
	const hasBias = values.attention_bias;
	return {
		...options,
		...shared,
		rotary: values.position_embedding_type === 'rope' ? options.rotary : () => null,
		biases: { queryKeyValue: hasBias, attentionOutput: hasBias, mlp: false },
		mlp: (parameter, name) =>
			gatedMlp(parameter, `${name}.shared_mlp`, {
				hidden: options.sizes.hidden,
				inner: values.shared_intermediate_size,
				activation: shared.activation,
				joined: 'input_linear',
				down: 'output_linear',
				biased: false,
			}),
	};
});
