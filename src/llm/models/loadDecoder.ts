/** Opens a model folder: config, family and weights, checked against each other; weights stay in their files. */
import { relative } from 'node:path';
import { UserError } from '../../core/errors.ts';
import { cast, input, weight } from '../../engine/graph/build.ts';
import type { ElementType, Node } from '../../engine/graph/node.ts';
import { type Shape, sameShape } from '../../engine/graph/shape.ts';
import type { WeightPlace } from '../../engine/onnx/emit.ts';
import { type Checkpoint, openCheckpoint } from '../weights/checkpoint.ts';
import type { TensorEntry } from '../weights/safetensors.ts';
import { readModelConfig } from './config.ts';
import type { Decoder, DecoderFamily, ModelConfig, ParameterSource } from './decoder.ts';
import { familyOf } from './families.ts';

/** A decoder whose parameters are mapped from the files of a folder. */
export interface LoadedDecoder {
	readonly folder: string;
	readonly family: DecoderFamily;
	readonly config: ModelConfig;
	readonly decoder: Decoder;
	readonly checkpoint: Checkpoint;
	/** For sessions: where each weight's bytes lie in `checkpoint.rootFolder`. */
	readonly place: (weightName: string) => WeightPlace;
}

const elementTypes: Readonly<Record<string, ElementType>> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

/**
 * Returns the decoder of a Hugging Face model folder. Throws `UserError` for an unknown architecture, a config key that
 * is not handled, and weights that are missing, left over, or of another shape or type than the config says.
 */
export function loadDecoder(folder: string): LoadedDecoder {
	const config = readModelConfig(folder);
	const family = familyOf(config);
	const checkpoint = openCheckpoint(folder);
	const parameter: ParameterSource = (name, shape) => {
		const { name: stored, dtype } = requireTensor(checkpoint, name, shape);
		return cast(weight(stored, shape, elementTypes[dtype] ?? 'float32'), 'float32');
	};
	const decoder = family.createDecoder(config, shared(parameter));
	refuseLeftOvers(checkpoint, family, config);
	const place = (name: string): WeightPlace => {
		const { file, offset, byteLength } = checkpoint.tensors.get(name) as TensorEntry;
		return { location: relative(checkpoint.rootFolder, file), offset, length: byteLength };
	};
	return { folder, family, config, decoder, checkpoint, place };
}

/** Returns a source that gives the same node each time it is asked for the same name. */
export function shared(parameter: ParameterSource): ParameterSource {
	const known = new Map<string, ReturnType<ParameterSource>>();
	return (name, shape) => {
		const node = known.get(name) ?? parameter(name, shape);
		known.set(name, node);
		return node;
	};
}

/** Returns name and shape of every parameter that a config's decoder uses. */
export function parameterShapes(family: DecoderFamily, config: ModelConfig): Map<string, readonly number[]> {
	const shapes = new Map<string, readonly number[]>();
	const decoder = family.createDecoder(config, (name, shape) => {
		shapes.set(name, shape.map(Number));
		return weight(name, shape);
	});
	const positions = input('positions', ['B', 'T'], 'int64');
	const embeddings = decoder.embed(input('ids', ['B', 'T'], 'int64'));
	const { hiddenStates } = decoder.run({ embeddings, positions, keyPositions: positions, past: null });
	decoder.logits(hiddenStates.at(-1) as Node);
	return shapes;
}

/** Checkpoints of the network without its head leave out the first part of each name (`model.`, `transformer.`). */
function requireTensor({ folder, tensors }: Checkpoint, name: string, shape: Shape): TensorEntry {
	const entry = tensors.get(name) ?? tensors.get(name.slice(name.indexOf('.') + 1));
	if (entry === undefined) {
		throw new UserError(
			`${folder}: weight "${name}" is missing. The files hold ${tensors.size} tensors: ${sample(tensors)}.`,
		);
	}
	if (!sameShape(entry.shape, shape)) {
		throw new UserError(
			`${entry.file}: weight "${name}" has shape [${entry.shape.join(', ')}], but config.json says [${shape.join(', ')}].`,
		);
	}
	if (!Object.hasOwn(elementTypes, entry.dtype)) {
		throw new UserError(
			`${entry.file}: weight "${name}" has type ${entry.dtype}; possible are ${Object.keys(elementTypes).join(', ')}.`,
		);
	}
	return entry;
}

/** Frequencies and masks that older checkpoints store and every implementation computes, and the copy of a tied head. */
const neverUsed = /rotary_emb\.inv_freq$|\.attn\.(masked_)?bias$|^lm_head\.weight$/;

function refuseLeftOvers(checkpoint: Checkpoint, family: DecoderFamily, config: ModelConfig): void {
	const shapes = [...parameterShapes(family, config)];
	const used = new Set(shapes.map(([name, shape]) => requireTensor(checkpoint, name, shape).name));
	const left = [...checkpoint.tensors.keys()].filter((name) => !used.has(name) && !neverUsed.test(name));
	if (left.length === 0) return;
	throw new UserError(
		`${checkpoint.folder}: ${left.length} weights are not used by a ${family.modelType} model, so this may be another architecture: ` +
			`${left.slice(0, 8).join(', ')}${left.length > 8 ? ', …' : ''}.`,
	);
}

function sample(tensors: ReadonlyMap<string, unknown>): string {
	return `${[...tensors.keys()].slice(0, 5).join(', ')}${tensors.size > 5 ? ', …' : ''}`;
}
