/** How much memory a training takes, from the graph of a step. */
import { activationBytes, engineBytes } from '../llm/sessions/memoryPlan.ts';
import type { TokenIds } from '../llm/languageModel.ts';
import type { LoadedDecoder } from '../llm/models/loadDecoder.ts';
import { lossGraph } from './lossGraph.ts';
import type { TrainableDecoder } from './trainable.ts';

/** Sizes of a step: B sequences of T tokens, of which up to J are counted. */
export interface StepSizes {
	readonly B: number;
	readonly T: number;
	readonly J: number;
	/** Those of the T tokens with which all sequences begin, computed once; none when left out. */
	readonly prefix?: TokenIds;
}

/** In bytes. */
export interface MemoryEstimate {
	/** Weights that stay as they are; those in 16 bits are widened. */
	readonly frozen: number;
	/** What is trained: values, gradients and two moments. */
	readonly trained: number;
	/** Most intermediate results of the largest step that exist at one time, with what onnxruntime loses between them. */
	readonly intermediate: number;
	readonly total: number;
}

/** Returns the memory of a training whose largest step has the given sizes. */
export function estimateMemory(
	{ checkpoint }: LoadedDecoder,
	trainable: TrainableDecoder,
	{ B, T, J, prefix = [] }: StepSizes,
): MemoryEstimate {
	const frozenTensors = [...checkpoint.tensors].filter(([name]) => !trainable.parameters.has(name));
	const frozen = frozenTensors.reduce(
		(sum, [, { dtype, shape }]) => sum + (dtype === 'F32' ? 4 : 6) * shape.reduce((a, b) => a * b, 1),
		0,
	);
	const numbers = [...trainable.parameters.values()].reduce((sum, { data }) => sum + data.length, 0);
	const trained = 4 * 4 * numbers;
	const outputs = lossGraph(trainable.decoder, trainable.inputs, prefix);
	const sizes = Object.entries({ B, T: T - prefix.length, S: T, J, M: B * J });
	const intermediate = activationBytes(outputs, new Map(sizes));
	return { frozen, trained, intermediate, total: engineBytes + frozen + trained + intermediate };
}
