/** Granite 3: Llama with four factors. */
import { type Architecture, commonNames, pairedRows } from './architecture.ts';
import { rotaryOf, sizesOf } from './commonConfig.ts';

export const granite: Architecture = {
	name: 'granite',
	...commonNames,
	config: (keys) => {
		const { head_dim: headWidth, ...sizes } = sizesOf(keys);
		return {
			model_type: 'granite',
			...sizes,
			...rotaryOf(keys, { ...sizes, head_dim: headWidth }),
			hidden_act: 'silu',
			embedding_multiplier: keys.number('embedding_scale') ?? 1,
			residual_multiplier: keys.number('residual_scale') ?? 1,
			attention_multiplier: keys.number('attention.scale') ?? Number(headWidth) ** -0.5,
			logits_scaling: keys.number('logit_scale') ?? 1,
			attention_bias: keys.has('blk.0.attn_q.bias'),
			mlp_bias: keys.has('blk.0.ffn_up.bias'),
		};
	},
	change: pairedRows,
};
