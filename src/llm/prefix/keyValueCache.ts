/** Keys and values of beginnings that several passages share. */
import { InternalError } from '../../core/errors.ts';
import type { Value } from '../../engine/onnx/session.ts';
import type { Decoder, DecoderSizes } from '../models/decoder.ts';
import { rowFeeds, vector } from '../graphs/feeds.ts';
import { readGraph } from '../graphs/forwardGraphs.ts';
import { nameOfTokens } from './prefixTree.ts';
import type { OpenSession } from '../graphs/graphForm.ts';
import { type PlacedToken, plainRow } from '../graphs/row.ts';

/** A decoder with its compiled graphs. */
export interface CompiledDecoder {
	readonly decoder: Decoder;
	readonly session: OpenSession;
}

export interface KeptTokens {
	/** Number of tokens P. */
	readonly length: number;
	/** Of the tokens [P]. */
	readonly positions: readonly number[];
	/** `keys0`, `values0`, ... [1, G, P, K]. */
	readonly feeds: Readonly<Record<string, Value>>;
}

/** Returns no tokens. */
export function nothingKept({ layers, keyValueHeads, headWidth }: DecoderSizes): KeptTokens {
	const empty: Value = { data: new Float32Array(0), sizes: [1, keyValueHeads, 0, headWidth] };
	const names = Array.from({ length: layers }, (_, i) => [`keys${i}`, `values${i}`]).flat();
	return { length: 0, positions: [], feeds: Object.fromEntries(names.map((name) => [name, empty])) };
}

/** Returns the kept tokens with more after them. */
export async function keepMore(
	{ decoder, session }: CompiledDecoder,
	kept: KeptTokens,
	tokens: readonly PlacedToken[],
): Promise<KeptTokens> {
	if (tokens.length === 0) return kept;
	const graph = await session('read', () => readGraph(decoder));
	const names = Object.keys(kept.feeds).map(freshName);
	const row = rowFeeds([plainRow(tokens, kept.length)], kept.positions, [[0]]);
	const results = await graph.run({ ...kept.feeds, ...row, targets: vector([]) }, names);
	const feeds = Object.entries(kept.feeds).map(([name, value]) => [
		name,
		joined(value, results[freshName(name)] as Value),
	]);
	return {
		length: kept.length + tokens.length,
		positions: [...kept.positions, ...tokens.map(({ position }) => position)],
		feeds: Object.fromEntries(feeds) as Record<string, Value>,
	};
}

/** Returns the name of the output with the keys or values of new tokens. */
function freshName(name: string): string {
	return name.replace('keys', 'newKeys').replace('values', 'newValues');
}

/** Returns the first tokens of the kept ones. */
export function upTo(kept: KeptTokens, length: number): KeptTokens {
	if (length > kept.length) throw new InternalError(`${length} kept tokens are needed, there are ${kept.length}`);
	if (length === kept.length) return kept;
	const feeds = Object.entries(kept.feeds).map(([name, value]) => [name, firstTokens(value, length)]);
	const positions = kept.positions.slice(0, length);
	return { length, positions, feeds: Object.fromEntries(feeds) as Record<string, Value> };
}

function firstTokens({ data, sizes }: Value, length: number): Value {
	const [, groups = 0, tokens = 0, width = 0] = sizes;
	const first = new Float32Array(groups * length * width);
	for (let g = 0; g < groups; g++) {
		const start = g * tokens * width;
		first.set((data as Float32Array).subarray(start, start + length * width), g * length * width);
	}
	return { data: first, sizes: [1, groups, length, width] };
}

/** Joins [1, G, P, K] and [1, G, T, K] over tokens. */
function joined(kept: Value, fresh: Value): Value {
	if (kept.sizes[2] === 0) return fresh;
	const [, groups = 0, before = 0, width = 0] = kept.sizes;
	const after = fresh.sizes[2] as number;
	const data = new Float32Array(groups * (before + after) * width);
	for (let g = 0; g < groups; g++) {
		const start = g * (before + after) * width;
		data.set((kept.data as Float32Array).subarray(g * before * width, (g + 1) * before * width), start);
		data.set((fresh.data as Float32Array).subarray(g * after * width, (g + 1) * after * width), start + before * width);
	}
	return { data, sizes: [1, groups, before + after, width] };
}

/** Remembers the beginnings of prompts from call to call: instructions are the same for all examples. */
export interface KeptBeginnings {
	of(compiled: CompiledDecoder, tokens: readonly PlacedToken[]): Promise<KeptTokens>;
}

/** Returns a memory that holds the beginning used last, and earlier ones while all together fit into `bytes`. */
export function keptBeginnings(bytes: number): KeptBeginnings {
	const known = new Map<string, KeptTokens>();
	return {
		of: async (compiled, tokens) => {
			if (tokens.length === 0) return nothingKept(compiled.decoder.sizes);
			const name = nameOfTokens(tokens);
			const kept = known.get(name) ?? (await keepMore(compiled, nothingKept(compiled.decoder.sizes), tokens));
			known.delete(name);
			known.set(name, kept);
			for (const [oldest] of known) {
				if (known.size > 1 && bytesOf([...known.values()]) > bytes) known.delete(oldest);
			}
			return kept;
		},
	};
}

function bytesOf(all: readonly KeptTokens[]): number {
	return all.flatMap(({ feeds }) => Object.values(feeds)).reduce((total, { data }) => total + data.byteLength, 0);
}
