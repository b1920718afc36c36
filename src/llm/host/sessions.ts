/** What the parts of the engine share: the decoder and its compiled graphs. */
import type { Node } from '../../engine/graph/node.ts';
import type { Session, Value } from '../../engine/onnx/session.ts';
import type { TokenIds } from '../languageModel.ts';
import type { Decoder } from '../models/decoder.ts';
import { promptFeeds } from './feeds.ts';
import { prefixGraph } from './labelGraphs.ts';

export interface EngineContext {
	readonly decoder: Decoder;
	/** The family, for messages. */
	readonly modelType: string;
	/** Returns the compiled graph of that name, compiling it the first time. */
	readonly session: (name: string, outputs: () => Record<string, Node>) => Promise<Session<string>>;
	/** Largest number of tokens, padding included, in one run. */
	readonly maxTokens: number;
	/** Whether backward passes compute blocks again instead of keeping them. */
	readonly recompute: boolean;
}

/** Shorter beginnings are not worth a pass of their own, in tokens. */
const shortestPrefix = 8;

/** A beginning whose keys and values are computed already. */
export interface Prefix {
	/** Number of tokens P; 0 where the beginning is too short to be worth it. */
	readonly length: number;
	/** `keys0`, `values0`, ... [1, G, P, K]; empty where P is 0. */
	readonly feeds: Readonly<Record<string, Value>>;
}

/** Returns the keys and values of a beginning, or none where it is too short. */
export async function computePrefix({ decoder, session }: EngineContext, ids: TokenIds): Promise<Prefix> {
	if (ids.length < shortestPrefix) return { length: 0, feeds: {} };
	const graph = await session('prefix', () => prefixGraph(decoder));
	return { length: ids.length, feeds: await graph.run(promptFeeds([ids])) };
}
