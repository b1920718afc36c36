/** The ways in which the weights of a GGUF file can be computed with, as settings of the engine. */
import type { PerturbationWeightForm, WeightForm } from '../../src/llm/engineSettings.ts';

export interface Way {
	readonly weights: WeightForm;
	readonly perturbationWeights: PerturbationWeightForm;
}

/** By name; `precision` of scores is reduced where masked texts have weights of their own. */
export const ways = {
	blocks: { weights: 'file', perturbationWeights: 'same' },
	float32: { weights: 'float32', perturbationWeights: 'same' },
	fast: { weights: 'fast', perturbationWeights: 'same' },
	'masked fast': { weights: 'file', perturbationWeights: 'fast' },
	'masked int8': { weights: 'file', perturbationWeights: 'int8' },
} as const satisfies Readonly<Record<string, Way>>;
export type WayName = keyof typeof ways;
