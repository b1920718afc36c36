/** What decides how fast an engine computes, and the last digits of what it computes, but nothing else. */
import type { Device } from '../engine/onnx/session.ts';

/** Largest number of tokens, padding included, in one run; a single longer text is a run of its own. */
export interface RunSizes {
	readonly forward: number;
	/** Of runs with a backward pass. */
	readonly gradient: number;
}

export interface EngineTuning {
	readonly device: Device;
	/** Threads of a run; onnxruntime's own choice where null. Results do not depend on it. */
	readonly threads: number | null;
	readonly runs: RunSizes;
}

export interface ChosenTuning extends EngineTuning {
	/** Whether it was fastest when the machine was measured; else it is known or asked for. */
	readonly measured: boolean;
}

/**
 * What is taken where nothing was measured. Larger runs need more memory, most of all where a backward pass keeps every
 * block's values, and were no faster on the machines of docs/performance.md.
 */
export const defaultTuning: EngineTuning = { device: 'cpu', threads: null, runs: { forward: 1024, gradient: 512 } };
