/** A decoder with what training changes in it: all weights, or the two factors of a low-rank change. */
import { seededRandom } from '../core/random.ts';
import { InternalError } from '../core/errors.ts';
import { input } from '../engine/graph/build.ts';
import type { Node } from '../engine/graph/node.ts';
import type { Shape } from '../engine/graph/shape.ts';
import type { WeightPlace } from '../engine/onnx/emit.ts';
import { type AdapterConfig, rankAndScaling } from '../llm/adapters/adapterConfig.ts';
import { addLowRank } from '../llm/adapters/lowRank.ts';
import type { Decoder, DecoderFamily, ModelConfig } from '../llm/models/decoder.ts';
import {
	findTensor,
	type LoadedDecoder,
	mappedParameters,
	parameterShapes,
	projectionSizes,
	shared,
} from '../llm/models/loadDecoder.ts';
import { readAsFloat32 } from '../llm/weights/safetensors.ts';

/** Parameters by name, changed in place by training. */
export type ParameterValues = Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

export interface TrainableDecoder {
	readonly decoder: Decoder;
	/** What is trained, by the name of its graph input. */
	readonly parameters: ParameterValues;
	readonly inputs: ReadonlyMap<string, Node>;
	/** Where the weights lie that stay as they are. */
	readonly frozen: { readonly weightsFolder: string; readonly place: (name: string) => WeightPlace };
}

/**
 * Returns normally distributed starting values with the config's `initializer_range`; biases start at 0, norms so that they
 * scale nothing.
 */
export function initialParameters(family: DecoderFamily, config: ModelConfig, seed: number): ParameterValues {
	const deviation = Number(config.values['initializer_range'] ?? 0.02);
	const create = (name: string, shape: readonly number[]): Float32Array => {
		const random = seededRandom(seed, 'parameters', name);
		const length = shape.reduce((a, b) => a * b, 1);
		if (shape.length === 1) return new Float32Array(length).fill(name.endsWith('.bias') ? 0 : family.neutralNorm);
		return Float32Array.from({ length }, () => deviation * random.normal());
	};
	const shapes = [...parameterShapes(family, config)];
	return new Map(shapes.map(([name, shape]) => [name, { shape, data: create(name, shape) }]));
}

/** Returns all weights of a model folder under the names that its decoder uses, as float32. */
export function storedParameters({ family, config, checkpoint }: LoadedDecoder): ParameterValues {
	const shapes = [...parameterShapes(family, config)];
	return new Map(
		shapes.map(([name, shape]) => {
			const entry = findTensor(checkpoint, name);
			if (entry === undefined) throw new InternalError(`training: weight "${name}" is not in the checkpoint`);
			return [name, { shape, data: readAsFloat32(entry) }];
		}),
	);
}

/** Returns a decoder all of whose weights are trained. */
export function trainAllWeights(
	family: DecoderFamily,
	config: ModelConfig,
	parameters: ParameterValues,
): TrainableDecoder {
	const inputs = new Map<string, Node>();
	const source = shared((name, shape) => inputOf(inputs, name, shape));
	const decoder = family.createDecoder(config, source);
	// Weights of a block are asked for when the block is built: once here, so that all inputs are known.
	for (const [name, { shape }] of parameters) source(name, shape);
	return { decoder, parameters, inputs, frozen: { weightsFolder: '', place: refuseWeight } };
}

/** Returns the decoder of a model folder of which only the factors A and B of an adapter are trained. */
export function trainLowRank(
	loaded: LoadedDecoder,
	config: AdapterConfig,
	parameters: ParameterValues,
): TrainableDecoder {
	const inputs = new Map<string, Node>();
	for (const [name, { shape }] of parameters) inputOf(inputs, name, shape);
	const adapt = (projection: string, x: Node, y: Node): Node => {
		const [a, b] = (['A', 'B'] as const).map((factor) => inputs.get(factorName(projection, factor)));
		if (a === undefined || b === undefined) return y;
		return addLowRank(x, y, { a, b, scaling: rankAndScaling(config, projection).scaling });
	};
	const source = shared(Object.assign(mappedParameters(loaded.checkpoint, null), { adapt }));
	const decoder = loaded.family.createDecoder(loaded.config, source);
	const { checkpoint, place } = loaded;
	return { decoder, parameters, inputs, frozen: { weightsFolder: checkpoint.rootFolder, place } };
}

/** Returns the name that PEFT gives the factor A [r, from] or B [to, r] of a projection's change. */
export function factorName(projection: string, factor: 'A' | 'B'): string {
	return `base_model.model.${projection}.lora_${factor}.weight`;
}

/**
 * Returns the starting values of PEFT for the given projections: A uniform in +-1/sqrt(from) (He et al. 2015 with slope
 * sqrt(5)), B zero, so that training starts from the model as it is.
 */
export function initialLowRank(
	{ family, config: modelConfig }: LoadedDecoder,
	projections: readonly string[],
	config: AdapterConfig,
	seed: number,
): ParameterValues {
	const sizes = projectionSizes(family, modelConfig);
	const factors = projections.flatMap((projection) => {
		const size = sizes.get(projection);
		if (size === undefined) throw new InternalError(`training: no projection "${projection}"`);
		const { rank } = rankAndScaling(config, projection);
		const random = seededRandom(seed, 'low rank', projection);
		const bound = 1 / Math.sqrt(size.from);
		const a = Float32Array.from({ length: rank * size.from }, () => bound * (2 * random.next() - 1));
		return [
			[factorName(projection, 'A'), { shape: [rank, size.from], data: a }],
			[factorName(projection, 'B'), { shape: [size.to, rank], data: new Float32Array(size.to * rank) }],
		] as const;
	});
	return new Map(factors);
}

function inputOf(inputs: Map<string, Node>, name: string, shape: Shape): Node {
	const node = input(name, shape);
	inputs.set(name, node);
	return node;
}

function refuseWeight(name: string): never {
	throw new InternalError(`training: weight "${name}" should be an input`);
}
