/** Values that graphs are fed with. Letters: B rows, T tokens. */
import type { Value } from '../../engine/onnx/session.ts';
import type { Target, TokenIds } from '../languageModel.ts';
import type { Row } from './row.ts';

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

/** Feeds of rows of several passages after tokens kept from the positions `before`; `reads` are the places of each row to read after. */
export function rowFeeds(
	rows: readonly Row[],
	before: readonly number[],
	reads: readonly (readonly number[])[],
): Record<string, Value> {
	const width = Math.max(...rows.map(({ ids }) => ids.length));
	const most = Math.max(...reads.map((places) => places.length));
	const kept = before.length;
	const keys = kept + width;
	const keptEnds = rows.map(({ reach }) => lastPlaces(reach, kept));
	return {
		ids: idGrid(rows.map(({ ids }) => ids)),
		positions: grid(rows.length, width, (row, i) => rows[row]?.positions[i] ?? 0),
		places: grid(rows.length, width, (_, i) => i),
		keyPositions: grid(rows.length, keys, (row, i) => before[i] ?? rows[row]?.positions[i - kept] ?? 0),
		keyPlaces: grid(rows.length, keys, (_, i) => (i < kept ? -1 : i - kept)),
		keyEnds: grid(rows.length, keys, (row, i) =>
			i < kept ? (keptEnds[row]?.[i] ?? -1) : (rows[row]?.ends[i - kept] ?? -1),
		),
		reads: grid(rows.length, most, (row, i) => row * width + (reads[row]?.[i] ?? reads[row]?.[0] ?? 0)),
	};
}

/** Returns for each kept token the last place of a row that sees it, where place p sees the first `reach[p]`. */
function lastPlaces(reach: readonly number[], kept: number): number[] {
	let places = reach.length;
	return Array.from({ length: kept }, (_, token) => {
		while (places > 0 && (reach[places - 1] as number) <= token) places -= 1;
		return places - 1;
	});
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
