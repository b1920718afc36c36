/** Qwen2 and 2.5 (Yang et al. 2024): Llama's block with biases of q, k, v; late layers may have a window. */
import { z } from 'zod';
import {
	activationName,
	activations,
	commonKeys,
	commonOptions,
	layerTypes,
	size,
	windowOf,
} from '../parts/commonConfig.ts';
import { rotaryFamily } from '../parts/rotaryFamily.ts';

/** Keys about windows, which Qwen2 and Qwen3 share. */
export const qwenWindowKeys = {
	use_sliding_window: z.boolean().default(false),
	sliding_window: size.nullable().default(4096),
	max_window_layers: z.number().int().min(0).default(28),
	layer_types: layerTypes.nullish(),
};

type WindowValues = z.infer<z.ZodObject<typeof qwenWindowKeys>>;

/** Returns the windows of L layers: those of `layer_types`, else of all layers from `max_window_layers` on. */
export function qwenWindow(file: string, values: WindowValues, layers: number): (layer: number) => number | null {
	const window = values.use_sliding_window ? values.sliding_window : null;
	const slides = (layer: number): boolean => window !== null && layer >= values.max_window_layers;
	const byPlace = Array.from({ length: layers }, (_, i) => (slides(i) ? 'sliding_attention' : 'full_attention'));
	return windowOf(file, values.layer_types ?? byPlace, layers, window);
}

const schema = z.object({
	...commonKeys,
	...qwenWindowKeys,
	hidden_act: activationName,
});

export const qwen2 = rotaryFamily('qwen2', schema, (values, file) => ({
	...commonOptions(file, values),
	activation: activations[values.hidden_act],
	window: qwenWindow(file, values, values.num_hidden_layers),
	biases: { queryKeyValue: true, attentionOutput: false, mlp: false },
}));
