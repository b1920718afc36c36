/** Keys and values of prefixes that several sequences share. */
import { InternalError } from '../../core/errors.ts';
import { itemAt } from '../../core/present.ts';
import type { Value } from '../../engine/onnx/session.ts';
import type { Decoder, DecoderSizes } from '../models/decoder.ts';
import { rowFeeds, vector } from '../graphs/feeds.ts';
import { readGraph } from '../graphs/forwardGraphs.ts';
import { nameOfTokens } from './prefixTree.ts';
import type { OpenSession } from '../graphs/graphForm.ts';
import { type PositionedToken, plainRow } from '../graphs/row.ts';

/** A decoder with its compiled graphs. */
export interface CompiledDecoder {
	readonly decoder: Decoder;
	readonly session: OpenSession;
}

/** Keys and values of P tokens that all rows of a run follow. */
export interface KeyValueCache {
	/** P. */
	readonly length: number;
	/** Of the tokens [P]. */
	readonly positions: readonly number[];
	/** `keys0`, `values0`, ... [1, G, P, K]. */
	readonly feeds: Readonly<Record<string, Value>>;
}

/** Returns the cache of no tokens. */
export function emptyCache({ layers, keyValueHeads, headWidth }: DecoderSizes): KeyValueCache {
	const empty: Value = { data: new Float32Array(0), sizes: [1, keyValueHeads, 0, headWidth] };
	const names = Array.from({ length: layers }, (_, i) => [`keys${i}`, `values${i}`]).flat();
	return { length: 0, positions: [], feeds: Object.fromEntries(names.map((name) => [name, empty])) };
}

/** Returns the cache with more tokens at its end. */
export async function extendCache(
	{ decoder, session }: CompiledDecoder,
	cache: KeyValueCache,
	tokens: readonly PositionedToken[],
): Promise<KeyValueCache> {
	if (tokens.length === 0) return cache;
	const graph = await session('read', () => readGraph(decoder));
	const names = Object.keys(cache.feeds).map(newName);
	const row = rowFeeds([plainRow(tokens, cache.length)], cache.positions, [[0]]);
	const results = await graph.run({ ...cache.feeds, ...row, targets: vector([]) }, names);
	const feeds = Object.entries(cache.feeds).map(([name, value]) => [
		name,
		joined(value, results[newName(name)] as Value),
	]);
	return {
		length: cache.length + tokens.length,
		positions: [...cache.positions, ...tokens.map(({ position }) => position)],
		feeds: Object.fromEntries(feeds) as Record<string, Value>,
	};
}

/** Returns the name of the output with the keys or values of new tokens. */
function newName(name: string): string {
	return name.replace('keys', 'newKeys').replace('values', 'newValues');
}

/** Returns the cache of the first tokens. */
export function truncateCache(cache: KeyValueCache, length: number): KeyValueCache {
	if (length > cache.length) throw new InternalError(`${length} cached tokens are needed, there are ${cache.length}`);
	if (length === cache.length) return cache;
	const feeds = Object.entries(cache.feeds).map(([name, value]) => [name, firstTokens(value, length)]);
	const positions = cache.positions.slice(0, length);
	return { length, positions, feeds: Object.fromEntries(feeds) as Record<string, Value> };
}

function firstTokens({ data, sizes }: Value, length: number): Value {
	const { groups, tokens, width } = sizesOf(sizes);
	const first = new Float32Array(groups * length * width);
	for (let g = 0; g < groups; g++) {
		const start = g * tokens * width;
		first.set((data as Float32Array).subarray(start, start + length * width), g * length * width);
	}
	return { data: first, sizes: [1, groups, length, width] };
}

/** Returns the sizes of keys or values [1, G, T, K]. */
function sizesOf(sizes: Value['sizes']): Readonly<Record<'groups' | 'tokens' | 'width', number>> {
	return { groups: itemAt(sizes, 1), tokens: itemAt(sizes, 2), width: itemAt(sizes, 3) };
}

/** Joins [1, G, P, K] and [1, G, T, K] over tokens. */
function joined(cache: Value, added: Value): Value {
	if (cache.sizes[2] === 0) return added;
	const { groups, tokens: before, width } = sizesOf(cache.sizes);
	const { tokens: after } = sizesOf(added.sizes);
	const data = new Float32Array(groups * (before + after) * width);
	for (let g = 0; g < groups; g++) {
		const start = g * (before + after) * width;
		data.set((cache.data as Float32Array).subarray(g * before * width, (g + 1) * before * width), start);
		data.set((added.data as Float32Array).subarray(g * after * width, (g + 1) * after * width), start + before * width);
	}
	return { data, sizes: [1, groups, before + after, width] };
}

/** Keeps the prefixes of prompts from call to call: instructions are the same for all examples. */
export interface PrefixCache {
	/** Returns the keys and values of the tokens, computed where they are not here. */
	of(compiled: CompiledDecoder, tokens: readonly PositionedToken[]): Promise<KeyValueCache>;
}

/** Returns a cache that holds the prefix used last, and earlier ones while all together fit into `bytes`. */
export function createPrefixCache(bytes: number): PrefixCache {
	const known = new Map<string, KeyValueCache>();
	return {
		of: async (compiled, tokens) => {
			if (tokens.length === 0) return emptyCache(compiled.decoder.sizes);
			const name = nameOfTokens(tokens);
			const cache = known.get(name) ?? (await extendCache(compiled, emptyCache(compiled.decoder.sizes), tokens));
			known.delete(name);
			known.set(name, cache);
			for (const [oldest] of known) {
				if (known.size > 1 && bytesOf([...known.values()]) > bytes) known.delete(oldest);
			}
			return cache;
		},
	};
}

function bytesOf(all: readonly KeyValueCache[]): number {
	return all.flatMap(({ feeds }) => Object.values(feeds)).reduce((total, { data }) => total + data.byteLength, 0);
}
