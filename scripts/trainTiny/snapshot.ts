/** Writes a model folder in the Hugging Face layout. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { float16FromFloat32 } from '../../src/llm/weights/floatConversion.ts';
import { readAsFloat32, readSafetensorsHeader } from '../../src/llm/weights/safetensors.ts';
import { type TensorToWrite, writeSafetensors } from '../../src/llm/weights/safetensorsWriter.ts';
import type { ParameterValues } from '../../src/training/trainable.ts';

export const chatTemplate =
	"{{ bos_token }}{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}" +
	'{% if add_generation_prompt %}<|assistant|>{% endif %}';

/** Returns config.json of the bundled models: 1.0 million parameters. */
export function tinyConfig(vocabularySize: number): Record<string, unknown> {
	return {
		architectures: ['LlamaForCausalLM'],
		model_type: 'llama',
		bos_token_id: 0,
		eos_token_id: 4,
		hidden_act: 'silu',
		hidden_size: 128,
		initializer_range: 0.02,
		intermediate_size: 384,
		max_position_embeddings: 1024,
		num_attention_heads: 4,
		num_hidden_layers: 4,
		num_key_value_heads: 2,
		rms_norm_eps: 1e-5,
		rope_parameters: { rope_type: 'default', rope_theta: 10000 },
		tie_word_embeddings: true,
		torch_dtype: 'float16',
		vocab_size: vocabularySize,
	};
}

/** Writes tokenizer.json and tokenizer_config.json. */
export function writeTokenizer(folder: string, tokenizer: object): void {
	const config = { bos_token: '<|bos|>', eos_token: '<|end|>', chat_template: chatTemplate };
	writeFileSync(join(folder, 'tokenizer.json'), `${JSON.stringify(tokenizer)}\n`);
	writeFileSync(join(folder, 'tokenizer_config.json'), `${JSON.stringify(config, null, '\t')}\n`);
}

/** Writes config.json and the weights. */
export function saveModel(
	folder: string,
	config: Readonly<Record<string, unknown>>,
	parameters: ParameterValues,
): void {
	writeFileSync(join(folder, 'config.json'), `${JSON.stringify(config, null, '\t')}\n`);
	saveWeights(join(folder, 'model.safetensors'), parameters);
}

/** Writes the weights, rounded to float16. */
export function saveWeights(file: string, parameters: ParameterValues): void {
	const tensors = [...parameters].map(([name, { shape, data }]): [string, TensorToWrite] => [
		name,
		{ dtype: 'F16', shape, data: float16FromFloat32(data) },
	]);
	writeSafetensors(file, Object.fromEntries(tensors), { format: 'pt' });
}

/** Returns the weights of a file as they were rounded. */
export function readParameters(file: string): ParameterValues {
	const { tensors } = readSafetensorsHeader(file);
	return new Map(tensors.map((entry) => [entry.name, { shape: entry.shape, data: readAsFloat32(entry) }]));
}
