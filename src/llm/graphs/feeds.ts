/** Values that graphs are fed with. Letters: B rows, T tokens. */
import type { Value } from '../../engine/onnx/session.ts';
import type { Target, TokenIds } from '../languageModel.ts';
import type { Row } from './row.ts';

/** Feeds of prompts padded on the right, whose first position is `start`; the causal mask hides the padding. */
export function promptFeeds(prompts: readonly TokenIds[], start = 0): Record<string, Value> {
	const width = Math.max(...prompts.map((prompt) => prompt.length));
	return {
		ids: idGrid(prompts),
		positions: grid(prompts.length, width, (_, i) => start + i),
		keyPositions: grid(prompts.length, start + width, (_, i) => i),
		last: vector(prompts.map((prompt, row) => row * width + prompt.length - 1)),
	};
}

/** Feeds of rows of several sequences after tokens cached from the positions `before`; `readouts` are the indices in each row to read after. */
export function rowFeeds(
	rows: readonly Row[],
	before: readonly number[],
	readouts: readonly (readonly number[])[],
): Record<string, Value> {
	const width = Math.max(...rows.map(({ ids }) => ids.length));
	const most = Math.max(...readouts.map((indices) => indices.length));
	const cached = before.length;
	const keys = cached + width;
	return {
		ids: idGrid(rows.map(({ ids }) => ids)),
		positions: padded(
			rows.map(({ positions }) => positions),
			width,
			() => 0,
		),
		indices: grid(rows.length, width, (_, i) => i),
		keyPositions: padded(
			rows.map(({ positions }) => [...before, ...positions]),
			keys,
			() => 0,
		),
		keyIndices: grid(rows.length, keys, (_, i) => (i < cached ? -1 : i - cached)),
		keyVisibleUntil: padded(
			rows.map(({ visiblePrefix, visibleUntil }) => [...lastIndices(visiblePrefix, cached), ...visibleUntil]),
			keys,
			() => -1,
		),
		readoutRows: padded(
			readouts.map((indices, row) => indices.map((index) => row * width + index)),
			most,
			([first], row) => first ?? row * width,
		),
	};
}

/** Returns for each cached token the last index of a row that sees it, where index i sees the first `visiblePrefix[i]`. */
function lastIndices(visiblePrefix: readonly number[], cached: number): number[] {
	let seeing = visiblePrefix.length;
	return Array.from({ length: cached }, (_, token) => {
		while (seeing > 0 && (visiblePrefix[seeing - 1] as number) <= token) seeing -= 1;
		return seeing - 1;
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
	return padded(prompts, width, () => 0);
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

/** Returns an int64 matrix [B, width] of rows, shorter ones filled up with what `fill` gives for them. */
export function padded(
	rows: readonly (readonly number[])[],
	width: number,
	fill: (row: readonly number[], index: number) => number,
): Value {
	const data = new BigInt64Array(rows.length * width);
	for (const [index, row] of rows.entries()) {
		const target = data.subarray(index * width, (index + 1) * width);
		target.set(row.map(BigInt));
		target.fill(BigInt(fill(row, index)), row.length);
	}
	return { data, sizes: [rows.length, width] };
}

function grid(rows: number, columns: number, value: (row: number, column: number) => number): Value {
	const data = BigInt64Array.from({ length: rows * columns }, (_, i) =>
		BigInt(value(Math.floor(i / columns), i % columns)),
	);
	return { data, sizes: [rows, columns] };
}
