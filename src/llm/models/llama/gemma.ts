/** Gemma (Mesnard et al. 2024): Llama's block with norms that multiply by 1 + w and scaled embeddings. */
import { z } from 'zod';
import { add, scalar } from '../../../engine/graph/build.ts';
import { geluTanh } from '../../../engine/nn/activations.ts';
import type { DecoderFamily } from '../decoder.ts';
import { commonKeys, commonOptions, size, withoutWindows } from '../parts/commonConfig.ts';
import { rotaryFamily } from '../parts/rotaryFamily.ts';

const schema = z.object({
	...commonKeys,
	...withoutWindows,
	/** The first files say `gelu` and mean its approximation by tanh, as every implementation reads them. */
	hidden_act: z.enum(['gelu', 'gelu_pytorch_tanh', 'gelu_new']).nullish(),
	hidden_activation: z.enum(['gelu_pytorch_tanh', 'gelu_new']).nullish(),
	head_dim: size.default(256),
	attention_bias: z.boolean().default(false),
	tie_word_embeddings: z.boolean().default(true),
});

const family = rotaryFamily('gemma', schema, (values, file) => ({
	...commonOptions(file, values),
	activation: geluTanh,
	biases: { queryKeyValue: values.attention_bias, attentionOutput: values.attention_bias, mlp: false },
	normWeight: (weight) => add(weight, scalar(1)),
	embeddingScale: Math.sqrt(values.hidden_size),
}));

/** Norms multiply by 1 + weight. */
export const gemma: DecoderFamily = { ...family, neutralNorm: 0 };
