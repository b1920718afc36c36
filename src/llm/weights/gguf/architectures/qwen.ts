/** Qwen 2, 2.5 and 3. */
import { type Architecture, commonNames, headNormNames, unchanged } from './architecture.ts';
import { rotaryOf, sizesOf } from './commonConfig.ts';

export const qwen2: Architecture = {
	name: 'qwen2',
	...commonNames,
	config: (keys) => {
		const sizes = sizesOf(keys);
		const { head_dim: _, ...config } = sizes;
		return { model_type: 'qwen2', ...config, ...rotaryOf(keys, sizes), hidden_act: 'silu' };
	},
	change: unchanged,
};

export const qwen3: Architecture = {
	name: 'qwen3',
	...commonNames,
	inBlock: { ...commonNames.inBlock, ...headNormNames },
	config: (keys) => {
		const sizes = sizesOf(keys);
		const biased = keys.has('blk.0.attn_q.bias');
		return { model_type: 'qwen3', ...sizes, ...rotaryOf(keys, sizes), hidden_act: 'silu', attention_bias: biased };
	},
	change: unchanged,
};
