/** What the user decides about the engine: numbers may change a little with it, results should not. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { availableMemory } from 'node:process';
import type { Bits } from '../engine/graph/weightUse.ts';

/** How weights lie in memory: as in the file, copied as float32 for the fastest kernels, or with 8 or 4 bits. */
export const weightForms = ['auto', 'file', 'float32', 'int8', 'int4'] as const;
export type WeightForm = (typeof weightForms)[number];

export const deviceChoices = ['auto', 'cpu', 'webgpu', 'cuda'] as const;
export type DeviceChoice = (typeof deviceChoices)[number];

export interface EngineSettings {
	/** Bytes that the engine may take; null for what is free, less a margin. */
	readonly memory: number | null;
	readonly weights: WeightForm;
	/** What computes; `auto` is the CPU: a card is used where it is asked for. */
	readonly device: DeviceChoice;
	/** Where quantised weights are kept. */
	readonly cacheFolder: string;
}

export const defaultSettings: EngineSettings = {
	memory: null,
	weights: 'auto',
	device: 'auto',
	cacheFolder: join(homedir(), '.cache', 'llm-rationale'),
};

const bitsOf: Readonly<Partial<Record<WeightForm, Bits>>> = { int8: 8, int4: 4 };

/** Raised when the same weights give other quantised ones. */
const quantisedFormat = 1;

/** Returns the bits and the file of quantised weights, or undefined where they are not wanted. */
export function quantisedWeights(
	{ weights, cacheFolder }: EngineSettings,
	identity: string,
): { readonly bits: Bits; readonly file: string } | undefined {
	const bits = bitsOf[weights];
	if (bits === undefined) return undefined;
	return { bits, file: join(cacheFolder, 'weights', `${identity}-${weights}-${quantisedFormat}.safetensors`) };
}

/** Returns the identity of a model whose weights take a form: quantised ones give other numbers. */
export function identityIn({ weights }: EngineSettings, identity: string): string {
	return bitsOf[weights] === undefined ? identity : `${identity}-${weights}`;
}

/** Returns what a report says of the form of weights; empty where they are as stored. */
export function weightsNote({ weights }: EngineSettings): string {
	const bits = bitsOf[weights];
	if (bits === undefined) return '';
	return (
		`weights of products with ${bits} bits; predictions and generation round what they multiply to 8 bits, ` +
		'gradients run through the same weights, widened to float32, without that rounding'
	);
}

/** Below this size of the files, `auto` copies weights; above it they stay mapped, in bytes. */
const copyLimit = 256 * 2 ** 20;

/** What is left to other programs, as a share of what is free. */
const margin = 0.1;

/** Returns whether weights of so many bytes are copied. */
export function copiesWeights({ weights }: EngineSettings, fileBytes: number): boolean {
	return weights === 'float32' || (weights === 'auto' && fileBytes < copyLimit);
}

/** Returns the bytes that the engine may take. */
export function memoryBudget({ memory }: EngineSettings): number {
	return memory ?? (1 - margin) * availableMemory();
}

/** What a model takes in memory, estimated before it runs, and what follows from that. All numbers but two are bytes. */
export interface MemoryPlan {
	/** Node.js, onnxruntime and this program, in its own process and in that of the engine. */
	readonly base: number;
	/** Weights as they lie in memory, mapped files or copies where the model is small, for each of the graphs counted. */
	readonly weights: number;
	/** Intermediate values of a forward and of a backward pass over `maxTokens` tokens of one text, or of the larger one. */
	readonly activations: number;
	/** Keys and values of `maxTokens` tokens. */
	readonly cache: number;
	readonly total: number;
	/** What the budget leaves for graphs: weights and activations. */
	readonly forGraphs: number;
	/** Limit for keys and values of instructions that are kept from call to call. */
	readonly kept: number;
	readonly budget: number;
	/** Largest number of tokens, padding included, in one run. */
	readonly maxTokens: number;
	/** Whether backward passes over `maxTokens` tokens of one text compute blocks again instead of keeping them. */
	readonly recompute: boolean;
}

/** Returns `1.5 GB`. */
export function inGigabytes(bytes: number): string {
	return `${(bytes / 1e9).toFixed(bytes < 1e9 ? 2 : 1)} GB`;
}
