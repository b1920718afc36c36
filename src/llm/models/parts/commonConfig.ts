/** Keys of config.json that families share, and what they say. */
import { z } from 'zod';
import { UserError } from '../../../core/errors.ts';
import { gelu, geluTanh, silu } from '../../../engine/nn/activations.ts';
import type { DecoderSizes } from '../decoder.ts';
import { rotaryKeys, rotaryPositions, rotarySettings } from './rotary.ts';
import type { RotaryOptions } from './rotaryFamily.ts';

/** Beyond any model: a larger number comes from a damaged file, and would take all memory before a weight is missed. */
const largestSize = 2 ** 26;

export const size = z.number().int().positive().max(largestSize);
export const layerCount = z
	.number()
	.int()
	.positive()
	.max(2 ** 12);

/** Activations by the names that configs use. */
export const activations = { silu, swish: silu, gelu, gelu_new: geluTanh, gelu_pytorch_tanh: geluTanh } as const;
export const activationName = z.enum(['silu', 'swish', 'gelu', 'gelu_new', 'gelu_pytorch_tanh']);

/** Keys that say how large a network is, under the names that most families give them. */
export const widthKeys = {
	vocab_size: size,
	hidden_size: size,
	intermediate_size: size,
	num_hidden_layers: layerCount,
	num_attention_heads: size,
	num_key_value_heads: size.nullish(),
	head_dim: size.nullish(),
	max_position_embeddings: size,
	tie_word_embeddings: z.boolean().default(false),
};

/** Keys of families with RMS norms. */
export const sizeKeys = { ...widthKeys, rms_norm_eps: z.number().positive() };

/** Keys of families with one kind of rotary positions. */
export const commonKeys = { ...sizeKeys, ...rotaryKeys, partial_rotary_factor: z.literal(1).optional() };

/** Keys with which families without windows say that they have none; any number of layers could have had one. */
export const withoutWindows = {
	layer_types: z.array(z.literal('full_attention')).nullish(),
	max_window_layers: z.number().optional(),
};

type WidthValues = z.infer<z.ZodObject<typeof widthKeys>>;
type SizeValues = z.infer<z.ZodObject<typeof sizeKeys>>;
type SizeOptions = Pick<RotaryOptions, 'sizes' | 'innerWidth' | 'epsilon' | 'tiedHead'>;

/** Returns the sizes that `widthKeys` give. Throws `UserError` when the heads do not divide into groups. */
export function decoderSizes(file: string, values: WidthValues): DecoderSizes {
	const heads = values.num_attention_heads;
	const keyValueHeads = values.num_key_value_heads ?? heads;
	if (heads % keyValueHeads !== 0) {
		throw new UserError(`${file}: ${heads} attention heads cannot share ${keyValueHeads} key/value heads evenly.`);
	}
	const headWidth = values.head_dim ?? Math.floor(values.hidden_size / heads);
	if (headWidth === 0) {
		throw new UserError(`${file}: hidden_size ${values.hidden_size} is too small for ${heads} attention heads.`);
	}
	return {
		layers: values.num_hidden_layers,
		hidden: values.hidden_size,
		heads,
		keyValueHeads,
		headWidth,
		vocabulary: values.vocab_size,
		contextLength: values.max_position_embeddings,
	};
}

/** Returns the options that `sizeKeys` give; throws what `decoderSizes` throws. */
export function sizeOptions(file: string, values: SizeValues): SizeOptions {
	return {
		sizes: decoderSizes(file, values),
		innerWidth: values.intermediate_size,
		epsilon: values.rms_norm_eps,
		tiedHead: values.tie_word_embeddings,
	};
}

/** Returns the options that `commonKeys` give; `theta` is the base of rotary positions where the config has none. */
export function commonOptions(
	file: string,
	values: z.infer<z.ZodObject<typeof commonKeys>>,
	theta?: number,
): SizeOptions & Pick<RotaryOptions, 'rotary'> {
	const options = sizeOptions(file, values);
	const rotary = rotaryPositions(file, rotarySettings(values, theta), options.sizes);
	return { ...options, sizes: { ...options.sizes, contextLength: rotary.contextLength }, rotary: () => rotary };
}

/** Kind of each layer's attention. */
export const layerTypes = z.array(z.enum(['full_attention', 'sliding_attention']));
export type LayerType = z.infer<typeof layerTypes>[number];

/**
 * Returns the number of latest keys that a layer's queries see, or null for all. Throws `UserError` when there are not
 * as many kinds as layers, or a layer is sliding and the config gives no window.
 */
export function windowOf(
	file: string,
	kinds: readonly LayerType[],
	layers: number,
	window: number | null,
): (layer: number) => number | null {
	if (kinds.length !== layers) {
		throw new UserError(`${file}: layer_types has ${kinds.length} entries for ${layers} layers.`);
	}
	if (kinds.includes('sliding_attention') && window === null) {
		throw new UserError(
			`${file}: a layer is of type sliding_attention, but sliding_window is not set or switched off.`,
		);
	}
	return (layer) => (kinds[layer] === 'sliding_attention' ? window : null);
}

/**
 * Returns the window of families in which all layers have the same one, or none. Throws `UserError` when `layer_types`
 * says otherwise.
 */
export function uniformWindow(
	file: string,
	kinds: readonly LayerType[] | null | undefined,
	window: number | null,
): () => number | null {
	const wanted: LayerType = window === null ? 'full_attention' : 'sliding_attention';
	const other = kinds?.find((kind) => kind !== wanted);
	if (other === undefined) return () => window;
	throw new UserError(
		`${file}: layer_types has ${other}, but this family has one window for all layers (sliding_window: ${window}).`,
	);
}
