/** Rotary positions that differ between layers with and without a window. */
import { z } from 'zod';
import type { Rotary } from '../../../engine/nn/rotary.ts';
import type { DecoderSizes } from '../decoder.ts';
import type { LayerType } from './commonConfig.ts';
import { rotaryPositions } from './rotary.ts';

const settings = z.record(z.string(), z.unknown());

/** `rope_parameters` by kind (transformers 5); `rope_scaling` is about layers without a window. */
export const rotaryByKindKeys = {
	rope_parameters: z
		.strictObject({ full_attention: settings.nullish(), sliding_attention: settings.nullish() })
		.nullish(),
	rope_scaling: settings.nullish(),
};

/** Returns the angles of each layer from `rotaryByKindKeys` and the base of each kind. */
export function rotaryByKind(
	file: string,
	values: z.infer<z.ZodObject<typeof rotaryByKindKeys>>,
	theta: { readonly everywhere: number; readonly inWindow: number },
	sizes: DecoderSizes,
	kinds: readonly LayerType[],
): (layer: number) => Rotary {
	const { full_attention: everywhere, sliding_attention: local } = values.rope_parameters ?? {};
	const globalSettings = { rope_theta: theta.everywhere, ...everywhere, ...values.rope_scaling };
	const rotary = {
		full_attention: rotaryPositions(file, globalSettings, sizes),
		sliding_attention: rotaryPositions(file, { rope_theta: theta.inWindow, ...local }, sizes),
	};
	return (layer) => rotary[kinds[layer] ?? 'full_attention'];
}
