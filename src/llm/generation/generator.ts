/** Generation with a key/value cache: one graph serves the prompt and every following token. */
import { widthOf } from '../../core/present.ts';
import { input, reshape, transpose } from '../../engine/graph/build.ts';
import { fused } from '../../engine/graph/fuse.ts';
import type { Node } from '../../engine/graph/node.ts';
import type { Session, Value } from '../../engine/onnx/session.ts';
import type { Decoder, DecoderSizes } from '../models/decoder.ts';
import type {
	GeneratedTokens,
	GenerationOptions,
	GenerationWatch,
	TokenIds,
	ListConstraint,
} from '../languageModel.ts';
import { type Answer, answerTo } from './answer.ts';

/** A prompt to continue. */
export interface PromptToContinue {
	readonly prompt: TokenIds;
	/** Its place in the call, for `onToken` and its random draws. */
	readonly number: number;
	readonly constraint?: ListConstraint | undefined;
}

/** What generation runs on. */
export interface Generator {
	/** A compiled `stepGraph` of the decoder. */
	readonly session: Session<string>;
	readonly decoder: Decoder;
	/** Tokens that end an answer. */
	readonly endTokens: readonly number[];
}

/** The tokens that all prompts begin with, fewer than any prompt has, computed before: `keys0`, `values0`, ... [1, G, P, K]. */
export interface CachedPrefix {
	/** P; 0 for none. */
	readonly length: number;
	readonly feeds: Readonly<Record<string, Value>>;
}

/** Key position of padding: later than every query, so never seen. */
const hiddenPosition = 2 ** 30;

/**
 * Returns a continuation of each prompt, among the lists of its constraint where it has one; lengths may differ. Throws the
 * reason of the watch's signal at the next token after it is aborted.
 */
export async function generate(
	{ session, decoder, endTokens }: Generator,
	prompts: readonly PromptToContinue[],
	prefix: CachedPrefix,
	options: Omit<GenerationOptions, 'constraints'>,
	{ onToken, signal }: GenerationWatch = {},
): Promise<GeneratedTokens[]> {
	const answers = prompts.map((prompt) => answerTo(prompt, options, endTokens, onToken));
	const rest = prompts.map(({ prompt }) => prompt.slice(prefix.length));
	const longest = Math.max(...rest.map(({ length }) => length));
	const padding = rest.map(({ length }) => longest - length);
	const cache = new Cache(decoder.sizes, prompts.length, prefix.length + longest + options.maxNewTokens);
	cache.begin(prefix);
	const rows = rest.map((ids, row) => [...new Array<number>(padding[row] as number).fill(0), ...ids]);
	const feedsOf = (next: readonly (readonly number[])[]) => tokenFeeds(next, cache.rows, padding, prefix.length);
	await decode(session, cache, rows, answers, feedsOf, options.maxNewTokens, signal);
	return answers.map((answer) => answer.result());
}

/**
 * Returns the graph of a step over tokens `ids` [B, T] after cached ones: `logits` [B, V] of the last tokens, and the
 * new keys and values. These have shape [P, B, G, K], so that new rows are appended.
 */
export function stepGraph(decoder: Decoder): Record<string, Node> {
	const { layers, keyValueHeads, headWidth } = decoder.sizes;
	const cached = (name: string): Node => transpose(input(name, ['P', 'B', keyValueHeads, headWidth]), [1, 2, 0, 3]);
	const trace = decoder.run({
		embeddings: decoder.embed(input('ids', ['B', 'T'], 'int64')),
		positions: input('positions', ['B', 'T'], 'int64'),
		keyPositions: input('keyPositions', ['B', 'S'], 'int64'),
		past: Array.from({ length: layers }, (_, i) => ({ keys: cached(`keys${i}`), values: cached(`values${i}`) })),
		readoutRows: reshape(input('last', ['B'], 'int64'), ['B', 1]),
	});
	const outputs: Record<string, Node> = { logits: decoder.logits(trace.hiddenStates.at(-1) as Node) };
	for (const [i, { keys, values }] of trace.newKeysValues.entries()) {
		outputs[newRows(`keys${i}`)] = transpose(keys, [2, 0, 1, 3]);
		outputs[newRows(`values${i}`)] = transpose(values, [2, 0, 1, 3]);
	}
	return fused(outputs);
}

/** Name of the output with the rows to append to a cache input. */
const newRows = (name: string): string => `${name}.new`;

/** Keys and values of all layers in buffers with room for the longest answer; `rows` of them are filled. */
class Cache {
	rows = 0;
	readonly #buffers = new Map<string, Float32Array>();
	readonly #rowSizes: readonly [batch: number, groups: number, width: number];

	constructor({ layers, keyValueHeads, headWidth }: DecoderSizes, batch: number, capacity: number) {
		this.#rowSizes = [batch, keyValueHeads, headWidth];
		for (let i = 0; i < layers; i++) {
			for (const name of [`keys${i}`, `values${i}`])
				this.#buffers.set(name, new Float32Array(capacity * this.#rowSize));
		}
	}

	get #rowSize(): number {
		return this.#rowSizes.reduce((a, b) => a * b, 1);
	}

	feeds(): Record<string, Value> {
		const view = (buffer: Float32Array): Value => ({
			data: buffer.subarray(0, this.rows * this.#rowSize),
			sizes: [this.rows, ...this.#rowSizes],
		});
		return Object.fromEntries([...this.#buffers].map(([name, buffer]) => [name, view(buffer)]));
	}

	/** Fills the first rows with what all prompts begin with. */
	begin({ length, feeds }: CachedPrefix): void {
		const [batch, groups, width] = this.#rowSizes;
		for (const [name, buffer] of length === 0 ? [] : this.#buffers) {
			const data = feeds[name]?.data as Float32Array;
			for (let place = 0; place < length; place++) {
				for (let row = 0; row < batch; row++) {
					for (let group = 0; group < groups; group++) {
						const from = (group * length + place) * width;
						buffer.set(data.subarray(from, from + width), ((place * batch + row) * groups + group) * width);
					}
				}
			}
		}
		this.rows = length;
	}

	append(results: Readonly<Record<string, Value>>, tokens: number): void {
		for (const [name, buffer] of this.#buffers) {
			buffer.set((results[newRows(name)] as Value).data as Float32Array, this.rows * this.#rowSize);
		}
		this.rows += tokens;
	}
}

/** Adds tokens to the answers until all have stopped; `rows` are what the first step reads. */
async function decode(
	session: Session<string>,
	cache: Cache,
	rows: readonly (readonly number[])[],
	answers: readonly Answer[],
	feedsOf: (rows: readonly (readonly number[])[]) => Record<string, Value>,
	maxNewTokens: number,
	signal: AbortSignal | undefined,
): Promise<void> {
	let next = rows;
	for (let step = 0; step < maxNewTokens && answers.some((answer) => !answer.stopped); step++) {
		signal?.throwIfAborted();
		const results = await session.run({ ...cache.feeds(), ...feedsOf(next) });
		cache.append(results, widthOf(next));
		const { data, sizes: shape } = results['logits'] as Value;
		const width = shape[1] as number;
		next = answers.map((answer, row) => [answer.take((data as Float32Array).subarray(row * width, (row + 1) * width))]);
	}
}

/** Feeds of rows [B, T] that start at place `start`; rows are padded on the left, after the `shared` first places. */
function tokenFeeds(
	rows: readonly (readonly number[])[],
	start: number,
	padding: readonly number[],
	shared: number,
): Record<string, Value> {
	const [batch, tokens] = [rows.length, widthOf(rows)];
	const isPadding = (row: number, place: number): boolean =>
		place >= shared && place < shared + (padding[row] as number);
	const position = (row: number, place: number): number => (place < shared ? place : place - (padding[row] as number));
	const grid = (width: number, value: (row: number, place: number) => number): Value => ({
		data: BigInt64Array.from({ length: batch * width }, (_, i) => BigInt(value(Math.floor(i / width), i % width))),
		sizes: [batch, width],
	});
	return {
		ids: grid(tokens, (row, i) => rows[row]?.[i] as number),
		positions: grid(tokens, (row, i) => Math.max(0, position(row, start + i))),
		keyPositions: grid(start + tokens, (row, i) => (isPadding(row, i) ? hiddenPosition : position(row, i))),
		last: { data: BigInt64Array.from({ length: batch }, (_, row) => BigInt((row + 1) * tokens - 1)), sizes: [batch] },
	};
}
