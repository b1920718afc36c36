/** What the parts of the engine share: the decoder and its compiled graphs. */
import type { Decoder } from '../models/decoder.ts';
import type { KeptBeginnings } from './keptTokens.ts';
import type { SessionPool } from './sessionPool.ts';

export interface EngineContext {
	readonly decoder: Decoder;
	/** The family, for messages. */
	readonly modelType: string;
	/** Returns the compiled graph of that name, compiling it the first time. */
	readonly session: SessionPool['session'];
	/** Largest number of tokens, padding included, in one run. */
	readonly maxTokens: number;
	readonly beginnings: KeptBeginnings;
	/** A beginning is computed on its own where that saves at least this many tokens. */
	readonly worthwhile: number;
}

/**
 * Larger runs are no faster, they only need more memory, most of all where a backward pass keeps every block's values
 * (docs/performance.md). In tokens; a single longer text is a run of its own.
 */
export const forwardRun = 1024;
export const gradientRun = 512;
