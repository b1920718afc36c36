/** OLMo 2 and 3: norms after attention and MLP only, and over whole projections of queries and keys. */
import { UserError } from '../../../../core/errors.ts';
import type { ModelKeys } from '../modelKeys.ts';
import { type Architecture, commonNames, headNormNames, unchanged } from './architecture.ts';
import { rotaryOf, sizesOf } from './commonConfig.ts';

const { ['attn_norm']: _before, ['ffn_norm']: _beforeMlp, ...inBlock } = commonNames.inBlock;

/** OLMo 3 turns all its layers alike. */
function requireOneBase(keys: ModelKeys): void {
	const [all, sliding] = [keys.number('rope.freq_base'), keys.number('rope.freq_base_swa')];
	if (sliding === undefined || sliding === all) return;
	throw new UserError(
		`${keys.file}: rotary bases that differ (${all}, ${sliding} in layers with a window) are not supported.`,
	);
}

export const olmo2: Architecture = {
	name: 'olmo2',
	...commonNames,
	inBlock: {
		...inBlock,
		...headNormNames,
		['post_attention_norm']: 'post_attention_layernorm',
		['post_ffw_norm']: 'post_feedforward_layernorm',
	},
	config: (keys) => {
		const { head_dim: headWidth, ...sizes } = sizesOf(keys);
		const common = { ...sizes, ...rotaryOf(keys, { ...sizes, head_dim: headWidth }), hidden_act: 'silu' };
		const window = keys.number('attention.sliding_window');
		requireOneBase(keys);
		const slides = keys.list('attention.sliding_window_pattern');
		if (window === undefined) return { model_type: 'olmo2', ...common };
		const layerTypes = slides?.map((isSliding) => (isSliding === true ? 'sliding_attention' : 'full_attention'));
		return { model_type: 'olmo3', ...common, sliding_window: window, ...(layerTypes && { layer_types: layerTypes }) };
	},
	change: unchanged,
};
