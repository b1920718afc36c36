/** What the parts of the engine share: the decoder and its compiled graphs. */
import type { RunSizes } from '../tuning.ts';
import type { Decoder } from '../models/decoder.ts';
import type { PrefixCache } from '../prefix/keyValueCache.ts';
import type { OpenSession } from '../graphs/graphForm.ts';

export interface EngineContext {
	readonly decoder: Decoder;
	/** The family, for messages. */
	readonly modelType: string;
	readonly session: OpenSession;
	readonly runs: RunSizes;
	readonly prefixes: PrefixCache;
	/** A prefix is computed on its own where that saves at least this many tokens. */
	readonly minimumSharedTokens: number;
}
