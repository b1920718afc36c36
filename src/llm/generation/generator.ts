/** Greedy generation with a key/value cache: one graph serves the prompt and every following token. */
import { gatherRows, input, transpose } from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';
import { createSession, type Session, type Value } from '../../engine/onnx/session.ts';
import type { DecoderSizes } from '../models/decoder.ts';
import type { LoadedDecoder } from '../models/loadDecoder.ts';
import { type ListConstraint, ListWriter } from './listConstraint.ts';

export interface GeneratorOptions {
	/** Tokens that end an answer. */
	readonly endTokens: readonly number[];
	readonly prepack: boolean;
	readonly threads?: number;
}

/** One answer: the new tokens without the end token. */
export interface Generated {
	readonly ids: readonly number[];
	readonly ended: 'stop' | 'length';
}

export interface Generator {
	/**
	 * Returns the most probable continuation of each prompt, among the lists of its constraint where it has one; prompts
	 * may differ in length.
	 */
	generate(
		prompts: readonly (readonly number[])[],
		maxNewTokens: number,
		constraints?: readonly (ListConstraint | undefined)[],
	): Promise<Generated[]>;
	release(): Promise<void>;
}

/** Key position of padding: later than every query, so never seen. */
const hiddenPosition = 2 ** 30;

/** Returns a generator for a decoder. Cached keys and values have shape [P, B, G, K], so that new rows are appended. */
export async function createGenerator(loaded: LoadedDecoder, options: GeneratorOptions): Promise<Generator> {
	const session = await createSession(stepGraph(loaded), {
		weightsFolder: loaded.checkpoint.rootFolder,
		place: loaded.place,
		prepack: options.prepack,
		...(options.threads === undefined ? {} : { threads: options.threads }),
	});
	return {
		generate: (prompts, maxNewTokens, constraints = []) => {
			const answers = prompts.map((_, i) => answerTo(constraints[i], maxNewTokens));
			return decode(session, loaded.decoder.sizes, prompts, answers, { ...options, maxNewTokens });
		},
		release: () => session.release(),
	};
}

function stepGraph({ decoder }: LoadedDecoder): Record<string, Node> {
	const { layers, keyValueHeads, headWidth } = decoder.sizes;
	const cached = (name: string): Node => transpose(input(name, ['P', 'B', keyValueHeads, headWidth]), [1, 2, 0, 3]);
	const trace = decoder.run({
		embeddings: decoder.embed(input('ids', ['B', 'T'], 'int64')),
		positions: input('positions', ['B', 'T'], 'int64'),
		keyPositions: input('keyPositions', ['B', 'S'], 'int64'),
		past: Array.from({ length: layers }, (_, i) => ({ keys: cached(`keys${i}`), values: cached(`values${i}`) })),
	});
	const last = gatherRows(trace.hiddenStates.at(-1) as Node, input('last', ['B'], 'int64'));
	const outputs: Record<string, Node> = { logits: decoder.logits(last) };
	for (const [i, { keys, values }] of trace.newKeysValues.entries()) {
		outputs[newRows(`keys${i}`)] = transpose(keys, [2, 0, 1, 3]);
		outputs[newRows(`values${i}`)] = transpose(values, [2, 0, 1, 3]);
	}
	return outputs;
}

/** Name of the output with the rows to append to a cache input. */
const newRows = (name: string): string => `${name}.new`;

/** Keys and values of all layers in buffers with room for the longest answer; `rows` of them are filled. */
class Cache {
	rows = 0;
	readonly #buffers = new Map<string, Float32Array>();
	readonly #rowSizes: readonly number[];

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

	append(results: Readonly<Record<string, Value>>, tokens: number): void {
		for (const [name, buffer] of this.#buffers) {
			buffer.set((results[newRows(name)] as Value).data as Float32Array, this.rows * this.#rowSize);
		}
		this.rows += tokens;
	}
}

async function decode(
	session: Session<string>,
	sizes: DecoderSizes,
	prompts: readonly (readonly number[])[],
	answers: readonly Answer[],
	{ maxNewTokens, endTokens }: { readonly maxNewTokens: number; readonly endTokens: readonly number[] },
): Promise<Generated[]> {
	const longest = Math.max(...prompts.map((prompt) => prompt.length));
	const padding = prompts.map((prompt) => longest - prompt.length);
	const cache = new Cache(sizes, prompts.length, longest + maxNewTokens);
	let next = prompts.map((prompt, i) => [...new Array<number>(padding[i] as number).fill(0), ...prompt]);
	for (let step = 0; step < maxNewTokens && answers.some((answer) => !answer.stopped); step++) {
		const results = await session.run({ ...cache.feeds(), ...tokenFeeds(next, cache.rows, padding) });
		cache.append(results, next[0]?.length ?? 0);
		const best = bestTokens(results['logits'] as Value, answers);
		next = best.map((token, i) => [take(answers[i] as Answer, token, endTokens)]);
	}
	return answers.map(({ ids, ended }) => ({ ids, ended }));
}

interface Answer {
	readonly ids: number[];
	/** The list it is restricted to. */
	readonly list: ListWriter | undefined;
	/** Nothing is added to it any more. */
	stopped: boolean;
	ended: 'stop' | 'length';
}

function answerTo(constraint: ListConstraint | undefined, maxNewTokens: number): Answer {
	const list = constraint && new ListWriter(constraint, maxNewTokens);
	return { ids: [], list, stopped: list?.allowed.size === 0, ended: 'length' };
}

function take(answer: Answer, token: number, endTokens: readonly number[]): number {
	if (answer.stopped) return token;
	const isEnd = answer.list === undefined && endTokens.includes(token);
	if (!isEnd) answer.ids.push(token);
	answer.list?.take(token);
	answer.stopped = isEnd || answer.list?.isComplete === true;
	if (answer.stopped) answer.ended = 'stop';
	return token;
}

/** Feeds of rows [B, T] that start at place `start`; prompts are padded on the left. */
function tokenFeeds(
	rows: readonly (readonly number[])[],
	start: number,
	padding: readonly number[],
): Record<string, Value> {
	const [batch, tokens] = [rows.length, rows[0]?.length ?? 0];
	const position = (row: number, place: number): number => place - (padding[row] as number);
	const grid = (width: number, value: (row: number, place: number) => number): Value => ({
		data: BigInt64Array.from({ length: batch * width }, (_, i) => BigInt(value(Math.floor(i / width), i % width))),
		sizes: [batch, width],
	});
	return {
		ids: grid(tokens, (row, i) => rows[row]?.[i] as number),
		positions: grid(tokens, (row, i) => Math.max(0, position(row, start + i))),
		keyPositions: grid(start + tokens, (row, i) => (position(row, i) < 0 ? hiddenPosition : position(row, i))),
		last: { data: BigInt64Array.from({ length: batch }, (_, row) => BigInt((row + 1) * tokens - 1)), sizes: [batch] },
	};
}

/**
 * Returns the allowed token with the largest logit of each row [B, V]; the first one where several are equal, and any
 * token where nothing is allowed any more.
 */
function bestTokens({ data, sizes }: Value, answers: readonly Answer[]): number[] {
	const [batch, width] = sizes as [number, number];
	return Array.from({ length: batch }, (_, row) => {
		const logits = (data as Float32Array).subarray(row * width, (row + 1) * width);
		const allowed = answers[row]?.list?.allowed ?? [];
		return largest(
			logits,
			[...allowed].toSorted((a, b) => a - b),
		);
	});
}

/** Returns the index of the largest value, among `indices` where there are any; the first one where several are equal. */
function largest(values: Float32Array, indices: readonly number[]): number {
	let best = indices[0] ?? 0;
	const compare = (i: number): void => {
		if ((values[i] as number) > (values[best] as number)) best = i;
	};
	if (indices.length > 0) for (const i of indices) compare(i);
	else for (let i = 0; i < values.length; i++) compare(i);
	return best;
}
