/** OLMo 3 (OLMo team 2025): OLMo 2's block; three of four layers have a window, and YaRN stretches the others only. */
import { z } from 'zod';
import { layerTypes, size, sizeKeys, sizeOptions, windowOf } from '../parts/commonConfig.ts';
import { rotaryByKind, rotaryByKindKeys } from '../parts/rotaryByKind.ts';
import { rotaryFamily } from '../parts/rotaryFamily.ts';
import { olmoKeys, olmoOptions } from './olmo2.ts';

const schema = z.object({
	...sizeKeys,
	...olmoKeys,
	...rotaryByKindKeys,
	rope_theta: z.number().positive().default(500_000),
	sliding_window: size.nullable().default(4096),
	layer_types: layerTypes.nullish(),
});

export const olmo3 = rotaryFamily('olmo3', schema, (values, file) => {
	const options = sizeOptions(file, values);
	const { layers } = options.sizes;
	const byPlace = Array.from({ length: layers }, (_, i) =>
		(i + 1) % 4 === 0 ? ('full_attention' as const) : ('sliding_attention' as const),
	);
	const kinds = values.layer_types ?? byPlace;
	const theta = { everywhere: values.rope_theta, inWindow: values.rope_theta };
	return {
		...options,
		...olmoOptions(values),
		rotary: rotaryByKind(file, values, theta, options.sizes, kinds),
		window: windowOf(file, kinds, layers, values.sliding_window),
	};
});
