/** What the parts of the engine share: the decoder and its compiled graphs. */
import type { Node } from '../../engine/graph/node.ts';
import type { Session } from '../../engine/onnx/session.ts';
import type { Decoder } from '../models/decoder.ts';
import type { KeptBeginnings } from './keptTokens.ts';

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
	readonly beginnings: KeptBeginnings;
}
