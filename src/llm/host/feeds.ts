/** Values that graphs are fed with. Letters: B rows, T tokens. */
import type { Value } from '../../engine/onnx/session.ts';
import type { Target, TokenIds } from '../languageModel.ts';

/** Feeds of prompts padded on the right, which begin at place `start`; the causal mask keeps padding out of sight. */
export function promptFeeds(prompts: readonly TokenIds[], start = 0): Record<string, Value> {
	const width = Math.max(...prompts.map((prompt) => prompt.length));
	return {
		ids: idGrid(prompts),
		positions: grid(prompts.length, width, (_, place) => start + place),
		keyPositions: grid(prompts.length, start + width, (_, place) => place),
		last: vector(prompts.map((prompt, row) => row * width + prompt.length - 1)),
	};
}

/** Returns the inputs of `targetTerms`: one target per row. */
export function targetFeeds(targets: readonly Target[], vocabulary: number): Record<string, Value> {
	return {
		targetTokens: vector(targets.flatMap(({ tokens }, row) => tokens.map((token) => row * vocabulary + token))),
		targetWeights: floatVector(targets.flatMap(({ weights }) => weights)),
	};
}

/** Returns int64 ids [B, T], shorter rows filled with 0. */
export function idGrid(prompts: readonly TokenIds[]): Value {
	const width = Math.max(...prompts.map((prompt) => prompt.length));
	return grid(prompts.length, width, (row, place) => prompts[row]?.[place] ?? 0);
}

/** Returns an int64 vector. */
export function vector(values: readonly number[]): Value {
	return { data: BigInt64Array.from(values, BigInt), sizes: [values.length] };
}

/** Returns a float vector. */
export function floatVector(values: readonly number[]): Value {
	return { data: Float32Array.from(values), sizes: [values.length] };
}

/** Returns a result's numbers. */
export function floatsOf(results: Readonly<Record<string, Value>>, name: string): Float32Array {
	return (results[name] as Value).data as Float32Array;
}

function grid(rows: number, columns: number, value: (row: number, place: number) => number): Value {
	const data = BigInt64Array.from({ length: rows * columns }, (_, i) =>
		BigInt(value(Math.floor(i / columns), i % columns)),
	);
	return { data, sizes: [rows, columns] };
}
