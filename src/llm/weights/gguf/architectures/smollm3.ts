/** SmolLM 3: every fourth layer has no positions, which the files do not mention. */
import { type Architecture, commonNames, pairedRows } from './architecture.ts';
import { rotaryOf, sizesOf } from './commonConfig.ts';

export const smollm3: Architecture = {
	name: 'smollm3',
	...commonNames,
	config: (keys) => {
		const { head_dim: headWidth, ...sizes } = sizesOf(keys);
		const rotary = rotaryOf(keys, { ...sizes, head_dim: headWidth });
		return { model_type: 'smollm3', ...sizes, ...rotary, hidden_act: 'silu', no_rope_layer_interval: 4 };
	},
	change: pairedRows,
};
