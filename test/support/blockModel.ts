/** Small models whose matrices all lie in blocks of one type: those that gguf-py quantised, again and again. */
import { readFileSync, writeFileSync } from 'node:fs';
import { type BlockTypeName, blockTypes } from '../../src/llm/weights/gguf/blockTypes.ts';
import { decodeBlocks } from '../../src/llm/weights/gguf/decode.ts';
import { type Entry, ggufBytes, text, u32, whole } from '../../src/llm/weights/gguf/testFiles.ts';

const [width, inner, heads, vocabulary] = [256, 512, 4, 40];
const typeNumbers: Readonly<Partial<Record<BlockTypeName | 'F32', number>>> = {
	['Q4_0']: 2,
	['Q4_1']: 3,
	['Q5_0']: 6,
	['Q5_1']: 7,
	['Q8_0']: 8,
	['Q2_K']: 10,
	['Q3_K']: 11,
	['Q4_K']: 12,
	['Q5_K']: 13,
	['Q6_K']: 14,
	['IQ4_NL']: 20,
	['IQ4_XS']: 23,
	['MXFP4']: 39,
	['F32']: 0,
};

/** Name and sizes, the row's length first. */
const matrices: readonly (readonly [string, readonly number[]])[] = [
	['token_embd.weight', [width, vocabulary]],
	['blk.0.attn_q.weight', [width, width]],
	['blk.0.attn_k.weight', [width, width / 2]],
	['blk.0.attn_v.weight', [width, width / 2]],
	['blk.0.attn_output.weight', [width, width]],
	['blk.0.ffn_gate.weight', [width, inner]],
	['blk.0.ffn_up.weight', [width, inner]],
	['blk.0.ffn_down.weight', [inner, width]],
];
const norms = ['blk.0.attn_norm.weight', 'blk.0.ffn_norm.weight', 'output_norm.weight'];

const metadata: Readonly<Record<string, Entry>> = {
	'general.architecture': text('llama'),
	'llama.block_count': whole(1),
	'llama.context_length': whole(64),
	'llama.embedding_length': whole(width),
	'llama.feed_forward_length': whole(inner),
	'llama.attention.head_count': whole(heads),
	'llama.attention.head_count_kv': whole(heads / 2),
	'llama.attention.layer_norm_rms_epsilon': { type: 6, value: 1e-5 },
};

/** Writes the file; the table of embeddings is the head, too. F32 writes decoded numbers of Q8_0. */
export function writeBlockModel(file: string, type: BlockTypeName | 'F32'): void {
	const stored = quantisedBlocks(type === 'F32' ? 'Q8_0' : type);
	const numbers = decodeBlocks(type === 'F32' ? 'Q8_0' : type, stored);
	const rms = Math.sqrt(numbers.reduce((total, value) => total + value * value, 0) / numbers.length);
	const pattern = type === 'F32' ? Buffer.from(numbers.buffer) : stored;
	const { elements, bytes: blockBytes } = type === 'F32' ? { elements: 1, bytes: 4 } : blockTypes[type];
	// Products of normalised rows are then about 1.
	const norm = floatBytes(1 / (Math.sqrt(width) * rms));
	const parts = [
		...matrices.map(([name, sizes]) => {
			const count = sizes.reduce((a, b) => a * b, 1);
			return { name, sizes, type: typeNumbers[type] ?? 0, data: repeated(pattern, (count / elements) * blockBytes) };
		}),
		...norms.map((name) => ({ name, sizes: [width], type: 0, data: repeated(norm, 4 * width) })),
	];
	let end = 0;
	const tensors = parts.map(({ name, sizes, type: number, data }) => {
		const offset = end;
		end += Math.ceil(data.length / 32) * 32;
		return { name, sizes, type: number, offset };
	});
	const head = ggufBytes({ metadata, tensors });
	const padded = parts.map(({ data }) => Buffer.concat([data, Buffer.alloc((32 - (data.length % 32)) % 32)]));
	writeFileSync(file, Buffer.concat([head, ...padded]));
}

function quantisedBlocks(type: BlockTypeName): Buffer {
	const all = JSON.parse(readFileSync('fixtures/gguf/blocks.json', 'utf8')) as Record<string, { bytes: string }>;
	const bytes = Buffer.from(all[type]?.bytes ?? '', 'base64');
	// The exponents there reach to both ends of float32.
	if (type === 'MXFP4') for (let i = 0; i < bytes.length; i += blockTypes[type].bytes) bytes[i] = 124 + (i % 4);
	return bytes;
}

function repeated(pattern: Buffer, bytes: number): Buffer {
	return Buffer.concat(Array.from({ length: Math.ceil(bytes / pattern.length) }, () => pattern)).subarray(0, bytes);
}

function floatBytes(value: number): Buffer {
	const bytes = u32(0);
	bytes.writeFloatLE(value);
	return bytes;
}
