/** What the comparisons share: the forward graph, the feeds of a sequence, and opening a graph. */
import { gatherRows, input, slice } from '../../src/engine/graph/build.ts';
import type { Node } from '../../src/engine/graph/node.ts';
import { createSession, type Session, type Value } from '../../src/engine/onnx/session.ts';
import type { LoadedDecoder } from '../../src/llm/models/loadDecoder.ts';
import type { Difference, Expected } from './difference.ts';

const positions = input('positions', ['B', 'T'], 'int64');
export const ids = input('ids', ['B', 'T'], 'int64');

export interface Forward {
	readonly embeddings: Node;
	readonly trace: ReturnType<LoadedDecoder['decoder']['run']>;
	readonly logits: Node;
}

/** Outputs of one graph, and how they differ from what is expected of a sequence. */
export interface Comparison {
	readonly outputs: Readonly<Record<string, Node>>;
	readonly differences: (results: Readonly<Record<string, Value>>, sequence: string) => Difference[];
}

export function forward({ decoder }: LoadedDecoder, embeddings: Node): Forward {
	const trace = decoder.run({ embeddings, positions, keyPositions: positions, past: null });
	return { embeddings, trace, logits: decoder.logits(trace.hiddenStates.at(-1) as Node) };
}

/** Returns row T-1 of column `token` as a scalar node [1, 1]; `last` is fed. */
export function logitOf(rows: Node, token: number): Node {
	return slice(gatherRows(rows, input('last', [1], 'int64')), 1, token, token + 1);
}

export function feedsOf(expected: Expected, sequence: string): Record<string, Value> {
	const tokens = expected.integers(`${sequence}.input_ids`);
	return {
		ids: integers(tokens),
		positions: integers(tokens.map((_, i) => i)),
		last: { data: BigInt64Array.of(BigInt(tokens.length - 1)), sizes: [1] },
	};
}

export function integers(values: readonly number[]): Value {
	return { data: BigInt64Array.from(values, BigInt), sizes: [1, values.length] };
}

export function floats(results: Readonly<Record<string, Value>>, name: string): Float32Array {
	return (results[name] as Value).data as Float32Array;
}

export function numbered(letter: string, nodes: readonly Node[]): Record<string, Node> {
	return Object.fromEntries(nodes.map((node, i) => [`${letter}${i}`, node]));
}

export function open(loaded: LoadedDecoder, outputs: Readonly<Record<string, Node>>): Promise<Session<string>> {
	return createSession(outputs, { weightsFolder: loaded.checkpoint.rootFolder, place: loaded.place, prepack: false });
}
