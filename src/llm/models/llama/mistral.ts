/** Mistral (Jiang et al. 2023): Llama's block, whose queries see only the latest keys. */
import { z } from 'zod';
import {
	activationName,
	activations,
	commonKeys,
	commonOptions,
	layerTypes,
	size,
	uniformWindow,
} from '../parts/commonConfig.ts';
import { rotaryFamily } from '../parts/rotaryFamily.ts';

const schema = z.object({
	...commonKeys,
	hidden_act: activationName,
	sliding_window: size.nullable().default(4096),
	layer_types: layerTypes.nullish(),
});

export const mistral = rotaryFamily('mistral', schema, (values, file) => ({
	...commonOptions(file, values),
	activation: activations[values.hidden_act],
	window: uniformWindow(file, values.layer_types, values.sliding_window),
}));
