/** Qwen 3 with experts (Yang et al. 2025): Qwen 3's block, whose MLP is a mixture of experts in most layers. */
import { z } from 'zod';
import { activationName, activations, commonKeys, commonOptions, size, withoutWindows } from '../parts/commonConfig.ts';
import { namedMixture } from '../parts/mixture.ts';
import { gatedMlp, type GatedMlpOptions } from '../parts/projections.ts';
import { type RotaryOptions, rotaryFamily } from '../parts/rotaryFamily.ts';

/** Keys that Qwen 2 and 3 with experts share. */
export const qwenMixtureKeys = {
	hidden_act: activationName,
	num_experts: size,
	num_experts_per_tok: size,
	moe_intermediate_size: size,
	norm_topk_prob: z.boolean().default(false),
	/** Every so many layers have experts; the others, and those of `mlp_only_layers`, a plain gated MLP. */
	decoder_sparse_step: size.default(1),
	mlp_only_layers: z.array(z.number().int().min(0)).nullish(),
	use_sliding_window: z.literal(false, { error: 'windows are not handled in this family' }).optional(),
	sliding_window: z.number().nullish(),
	...withoutWindows,
};

type Values = z.infer<z.ZodObject<typeof qwenMixtureKeys>> & {
	readonly hidden_size: number;
	readonly intermediate_size: number;
};

/** Returns the MLP of each layer. */
export function qwenMixture(values: Values, sharedInner?: number): NonNullable<RotaryOptions['mlp']> {
	const own: Omit<GatedMlpOptions, 'inner'> = {
		hidden: values.hidden_size,
		activation: activations[values.hidden_act],
		joined: null,
		biased: false,
	};
	const mixture = {
		experts: values.num_experts,
		chosen: values.num_experts_per_tok,
		isNormalised: values.norm_topk_prob,
		expert: { ...own, inner: values.moe_intermediate_size },
		...(sharedInner === undefined ? {} : { sharedInner }),
	};
	const isPlain = (layer: number): boolean =>
		(values.mlp_only_layers ?? []).includes(layer) || (layer + 1) % values.decoder_sparse_step !== 0;
	return (parameter, name, layer) =>
		isPlain(layer)
			? gatedMlp(parameter, `${name}.mlp`, { ...own, inner: values.intermediate_size })
			: namedMixture(parameter, `${name}.mlp`, mixture);
}

const schema = z.object({
	...commonKeys,
	...qwenMixtureKeys,
	attention_bias: z.boolean().default(false),
});

export const qwen3Moe = rotaryFamily('qwen3_moe', schema, (values, file) => ({
	...commonOptions(file, values),
	activation: activations[values.hidden_act],
	biases: { queryKeyValue: values.attention_bias, attentionOutput: values.attention_bias, mlp: false },
	headNorms: true,
	mlp: qwenMixture(values),
}));
