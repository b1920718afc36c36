/** What the user decides about the engine: numbers may change a little with it, results should not. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { availableMemory } from 'node:process';
import type { Device } from '../engine/onnx/session.ts';
import type { Bits } from '../engine/graph/blockWeights.ts';

/**
 * How weights lie in memory: as in the file, copied as float32 for the fastest kernels, or with 8 or 4 bits; `fast`: in the
 * blocks of a quantised file, which predictions multiply as whole numbers. All but the last three are exact.
 */
export const weightForms = ['auto', 'file', 'float32', 'int8', 'int4', 'fast'] as const;
export type WeightForm = (typeof weightForms)[number];

/**
 * Weights of predictions for masked texts: the same as all others; rounded to 8 bits; or those of the blocks of a quantised
 * file, multiplied as whole numbers.
 */
export const perturbationWeightForms = ['same', 'int8', 'fast'] as const;
export type PerturbationWeightForm = (typeof perturbationWeightForms)[number];

export const deviceChoices = ['auto', 'cpu', 'webgpu', 'cuda'] as const;
export type DeviceChoice = (typeof deviceChoices)[number];

export interface EngineSettings {
	/** Bytes that the engine may take; null for what is free, less a margin. */
	readonly memory: number | null;
	readonly weights: WeightForm;
	readonly perturbationWeights: PerturbationWeightForm;
	/** What computes; `auto` is what the calibration found fastest, and the CPU without one. */
	readonly device: DeviceChoice;
	/** Whether large models are computed with what is fastest here, which is measured once; else with known defaults. */
	readonly calibrate: boolean;
	/** Where quantised and decoded weights and the calibration are kept. */
	readonly cacheFolder: string;
}

export const defaultSettings: EngineSettings = {
	memory: null,
	weights: 'auto',
	perturbationWeights: 'same',
	device: 'auto',
	calibrate: false,
	cacheFolder: join(homedir(), '.cache', 'llm-rationale'),
};

const bitsOf: Readonly<Partial<Record<WeightForm, Bits>>> = { int8: 8, int4: 4 };

/** Returns where weights are kept in another form. */
export function weightsFolder({ cacheFolder }: EngineSettings): string {
	return join(cacheFolder, 'weights');
}

/** Raised when the same weights give other quantised ones. */
const quantisedFormat = 4;

/** Returns the bits and the file of quantised weights, or undefined where they are not wanted. */
export function quantisedWeights(
	{ weights, cacheFolder }: EngineSettings,
	identity: string,
): { readonly bits: Bits; readonly file: string } | undefined {
	const bits = bitsOf[weights];
	if (bits === undefined) return undefined;
	return { bits, file: join(cacheFolder, 'weights', `${identity}-${weights}-${quantisedFormat}.safetensors`) };
}

/** Returns the file of int8 weights for masked predictions, or undefined where they are not wanted. */
export function int8Weights(
	{ perturbationWeights, cacheFolder }: EngineSettings,
	identity: string,
): string | undefined {
	if (perturbationWeights !== 'int8') return undefined;
	return join(cacheFolder, 'weights', `${identity}-rounded-${quantisedFormat}.safetensors`);
}

/** Returns the identity of a model whose weights take a form: quantised ones give other numbers. */
export function identityIn({ weights, perturbationWeights }: EngineSettings, identity: string): string {
	const own = bitsOf[weights] === undefined && weights !== 'fast' ? identity : `${identity}-${weights}`;
	return perturbationWeights === 'same' ? own : `${own}-masked-${perturbationWeights}`;
}

/** What products of whole numbers round. */
const blockProducts = 'weights in the blocks of the file, and what they multiply rounded to 8 bits, block by block';

/** Returns what a report says of the form of weights; empty where everything is computed exactly. */
export function weightsNote(settings: EngineSettings): string {
	const masked = reducedPrecision({ ...settings, weights: 'auto' });
	const notes = [wholeNote(settings), masked === undefined ? '' : `masked texts: ${masked}`];
	return notes.filter((note) => note !== '').join('; ');
}

function wholeNote({ weights }: EngineSettings): string {
	const bits = bitsOf[weights];
	if (weights === 'fast')
		return `predictions and generation: ${blockProducts}; gradients run through the same weights without that rounding`;
	if (bits === undefined) return '';
	return (
		`weights of products with ${bits} bits; predictions and generation round what they multiply to 8 bits, ` +
		'gradients run through the same weights, widened to float32, without that rounding'
	);
}

/**
 * Returns what predictions for masked texts are computed with that can also be computed exactly, or undefined where they are
 * no less exact than the weights.
 */
export function reducedPrecision({ weights, perturbationWeights }: EngineSettings): string | undefined {
	if (perturbationWeights === 'int8') return 'weights of products, and what they multiply, rounded to 8 bits';
	return perturbationWeights === 'fast' || weights === 'fast' ? blockProducts : undefined;
}

/**
 * Predictions that multiply the blocks of a file as whole numbers: none; those for masked texts, but for the head; or all, and
 * generation.
 */
export type BlockProducts = 'none' | 'masked' | 'all';

/** Returns which predictions multiply blocks as whole numbers. */
export function blockProductsOf({ weights, perturbationWeights }: EngineSettings): BlockProducts {
	if (weights === 'fast') return 'all';
	return perturbationWeights === 'fast' ? 'masked' : 'none';
}

/** In bytes. */
const largeFrom = 256 * 2 ** 20;

/** Returns whether weights of so many bytes are many: with fewer, copies and starts cost more than runs. */
export function isLarge(fileBytes: number): boolean {
	return fileBytes >= largeFrom;
}

/** What is left to other programs, as a share of what is free. */
const margin = 0.1;

/** Returns whether weights of so many bytes are copied: small ones, and those of a card, which cannot map a file. */
export function copiesWeights({ weights }: EngineSettings, fileBytes: number, device: Device): boolean {
	return weights === 'float32' || (weights === 'auto' && (device !== 'cpu' || !isLarge(fileBytes)));
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
	/** The same by the types that weights lie in, as files call them. */
	readonly weightsByType: Readonly<Record<string, number>>;
	/** Intermediate values of a forward and of a backward pass over `maxTokens` tokens of one text, or of the larger one. */
	readonly activations: number;
	/** Keys and values of `maxTokens` tokens. */
	readonly cache: number;
	readonly total: number;
	/** What the budget leaves for graphs: weights and activations. */
	readonly forGraphs: number;
	/** Limit for keys and values of instructions that are kept from call to call. */
	readonly prefixCache: number;
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
