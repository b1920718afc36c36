/** Writes a bundled model as one GGUF file, as llama.cpp's converter lays it out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensorsHeader, type TensorEntry } from '../../src/llm/weights/safetensors.ts';
import { type Entry, ggufBytes, text, texts, whole, wholes } from '../../src/llm/weights/gguf/testFiles.ts';

const float = (value: number): Entry => ({ type: 6, value });
const flag = (value: boolean): Entry => ({ type: 7, value });
const float16 = 1;
const control = 3;

interface LlamaConfig {
	readonly num_hidden_layers: number;
	readonly max_position_embeddings: number;
	readonly hidden_size: number;
	readonly intermediate_size: number;
	readonly num_attention_heads: number;
	readonly num_key_value_heads: number;
	readonly rms_norm_eps: number;
	readonly rope_parameters: { readonly rope_theta: number };
	readonly vocab_size: number;
	readonly bos_token_id: number;
	readonly eos_token_id: number;
}

interface ByteLevelTokenizer {
	readonly model: { readonly vocab: Readonly<Record<string, number>>; readonly merges: readonly [string, string][] };
	readonly added_tokens: readonly { readonly id: number }[];
}

/** Returns the bytes of a GGUF file with the weights (float16), tokenizer and template of a Llama folder. */
export function ggufOf(folder: string): Buffer {
	const read = <T>(name: string): T => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T;
	const config = read<LlamaConfig>('config.json');
	const template = read<{ chat_template: string }>('tokenizer_config.json').chat_template;
	const file = join(folder, 'model.safetensors');
	const bytes = readFileSync(file);
	const tensors = readSafetensorsHeader(file).tensors.map((tensor) => ({
		name: nameInGguf(tensor.name),
		sizes: [...tensor.shape].reverse(),
		data: dataOf(tensor, bytes, config),
	}));
	let offset = 0;
	const placed = tensors.map(({ name, sizes, data }) => {
		const at = offset;
		offset += Math.ceil(data.length / 32) * 32;
		return { name, sizes, type: float16, offset: at };
	});
	const metadata = { ...networkKeys(config), ...tokenizerKeys(read('tokenizer.json'), config, template) };
	const padded = tensors.map(({ data }) => Buffer.concat([data, Buffer.alloc((32 - (data.length % 32)) % 32)]));
	return Buffer.concat([ggufBytes({ metadata, tensors: placed }), ...padded]);
}

function networkKeys(config: LlamaConfig): Record<string, Entry> {
	return {
		'general.architecture': text('llama'),
		'general.name': text('tiny'),
		'llama.block_count': whole(config.num_hidden_layers),
		'llama.context_length': whole(config.max_position_embeddings),
		'llama.embedding_length': whole(config.hidden_size),
		'llama.feed_forward_length': whole(config.intermediate_size),
		'llama.attention.head_count': whole(config.num_attention_heads),
		'llama.attention.head_count_kv': whole(config.num_key_value_heads),
		'llama.attention.layer_norm_rms_epsilon': float(config.rms_norm_eps),
		'llama.rope.freq_base': float(config.rope_parameters.rope_theta),
		'llama.rope.dimension_count': whole(config.hidden_size / config.num_attention_heads),
		'llama.vocab_size': whole(config.vocab_size),
	};
}

function tokenizerKeys(
	{ model, added_tokens: added }: ByteLevelTokenizer,
	config: LlamaConfig,
	template: string,
): Record<string, Entry> {
	const tokens = Object.entries(model.vocab).toSorted(([, a], [, b]) => a - b);
	const isControl = new Set(added.map(({ id }) => id));
	return {
		'tokenizer.ggml.model': text('gpt2'),
		'tokenizer.ggml.pre': text('gpt-2'),
		'tokenizer.ggml.tokens': texts(tokens.map(([token]) => token)),
		'tokenizer.ggml.token_type': wholes(tokens.map(([, id]) => (isControl.has(id) ? control : 1))),
		'tokenizer.ggml.merges': texts(model.merges.map((pair) => pair.join(' '))),
		'tokenizer.ggml.bos_token_id': whole(config.bos_token_id),
		'tokenizer.ggml.eos_token_id': whole(config.eos_token_id),
		'tokenizer.ggml.add_bos_token': flag(false),
		'tokenizer.chat_template': text(template),
	};
}

const names: readonly (readonly [RegExp, string])[] = [
	[/^model\.embed_tokens/u, 'token_embd'],
	[/^model\.norm/u, 'output_norm'],
	[/^model\.layers\.(\d+)\./u, 'blk.$1.'],
	[/self_attn\.([qkv])_proj/u, 'attn_$1'],
	[/self_attn\.o_proj/u, 'attn_output'],
	[/input_layernorm/u, 'attn_norm'],
	[/post_attention_layernorm/u, 'ffn_norm'],
	[/mlp\.(gate|up|down)_proj/u, 'ffn_$1'],
];

function nameInGguf(name: string): string {
	return names.reduce((text, [pattern, by]) => text.replace(pattern, by), name);
}

/** Rows of queries and keys lie with the halves of a rotary pair side by side. */
function dataOf({ name, shape, offset, byteLength }: TensorEntry, file: Buffer, config: LlamaConfig): Buffer {
	const data = file.subarray(offset, offset + byteLength);
	const heads = name.includes('q_proj')
		? config.num_attention_heads
		: name.includes('k_proj')
			? config.num_key_value_heads
			: null;
	if (heads === null) return data;
	const [rows = 0] = shape;
	const [row, half] = [data.length / rows, rows / heads / 2];
	const places = Array.from({ length: rows }, (_, place) => {
		const [head, within] = [Math.floor(place / (2 * half)), place % (2 * half)];
		return head * 2 * half + (within % 2) * half + Math.floor(within / 2);
	});
	return Buffer.concat(places.map((place) => data.subarray(place * row, (place + 1) * row)));
}
