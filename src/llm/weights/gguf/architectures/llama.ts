/** Llama, Mistral, SmolLM and all that llama.cpp converts as Llama. */
import type { ModelKeys } from '../modelKeys.ts';
import { type Architecture, commonNames, pairedRows } from './architecture.ts';
import { rotaryOf, sizesOf } from './commonConfig.ts';

/** The one model of this architecture with a window, which its files do not mention. */
const firstMistral = /mistral.*v0\.1/iu;
const itsWindow = 4096;

export const llama: Architecture = {
	name: 'llama',
	...commonNames,
	config: (keys: ModelKeys) => {
		const sizes = sizesOf(keys);
		const common = { ...sizes, ...rotaryOf(keys, sizes), hidden_act: 'silu' };
		const isBiased = keys.has('blk.0.attn_q.bias');
		if (firstMistral.test(keys.name) && !isBiased)
			return { model_type: 'mistral', ...common, sliding_window: itsWindow };
		return { model_type: 'llama', ...common, attention_bias: isBiased, mlp_bias: keys.has('blk.0.ffn_up.bias') };
	},
	change: pairedRows,
};
