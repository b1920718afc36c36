/** Opens a model folder: config, family and weights, checked against each other; weights stay in their files. */
import { relative } from 'node:path';
import { InternalError, UserError } from '../../core/errors.ts';
import { cast, input, weight } from '../../engine/graph/build.ts';
import type { ElementType, Node } from '../../engine/graph/node.ts';
import { type Shape, sameShape } from '../../engine/graph/shape.ts';
import type { Quantised } from '../../engine/graph/blockWeights.ts';
import type { WeightPlace } from '../../engine/onnx/emit.ts';
import { type AdaptedModel, type Adapter, openAdapter, type ProjectionSize } from '../adapters/adapter.ts';
import { addLowRank } from '../adapters/lowRank.ts';
import { type Checkpoint, withTensors } from '../weights/checkpoint.ts';
import { isBlockType } from '../weights/gguf/blockTypes.ts';
import { isSameTensor, readAsFloat32, type TensorEntry } from '../weights/safetensors.ts';
import type { Decoder, DecoderFamily, ModelConfig, ParameterSource } from './decoder.ts';
import { familyOf } from './families.ts';
import { openModelFiles } from './modelFiles.ts';
import { underOwnNames } from './storedNames.ts';

/** A decoder whose parameters are mapped from the files of a folder. */
export interface LoadedDecoder {
	readonly folder: string;
	readonly family: DecoderFamily;
	readonly config: ModelConfig;
	readonly decoder: Decoder;
	readonly checkpoint: Checkpoint;
	/** Matrices that lie quantised beside the stored ones; none where weights are used as they are. */
	readonly quantised: Quantised;
	/** What changes some of the projections, or null. */
	readonly adapter: Adapter | null;
	/** For sessions: where each weight's bytes lie in `checkpoint.rootFolder`. */
	readonly place: (weightName: string) => WeightPlace;
}

const elementTypes: Readonly<Record<string, ElementType>> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

/**
 * Returns the decoder of a Hugging Face model folder or a GGUF file, with the changes of a PEFT adapter folder where one is given.
 * Throws `UserError` for an unknown architecture, a config key that is not handled, and weights that are missing, left
 * over, or of another shape or type than the config says; and what `openAdapter` throws.
 */
export function loadDecoder(folder: string, adapterFolder: string | null = null): LoadedDecoder {
	const { config: written, checkpoint: stored } = openModelFiles(folder);
	const family = familyOf(written);
	const base = underOwnNames(stored, family.storedNames);
	const config = family.storedNames === undefined ? written : withStoredHead(written, base);
	refuseLeftOvers(base, family, config);
	const adapter = adapterFolder === null ? null : openAdapter(adapterFolder, adaptedModel(base, family, config));
	const checkpoint = adapter === null ? base : withTensors(base, adapterTensors(adapter));
	return placed({ folder, family, config, adapter, quantised: new Map() }, base, checkpoint);
}

/** Returns the decoder with the tensors of another checkpoint, under the same names. */
export function remade(loaded: LoadedDecoder, checkpoint: Checkpoint): LoadedDecoder {
	return placed(loaded, checkpoint, checkpoint);
}

/** `base` holds the model's own weights, `checkpoint` those of its adapter, too. */
function placed(
	{ folder, family, config, adapter, quantised }: Omit<LoadedDecoder, 'decoder' | 'checkpoint' | 'place'>,
	base: Checkpoint,
	checkpoint: Checkpoint,
): LoadedDecoder {
	const decoder = family.createDecoder(config, shared(mappedParameters(base, adapter)));
	return { folder, family, config, decoder, checkpoint, adapter, place: placeIn(checkpoint), quantised };
}

/** Returns where the numbers of each tensor lie. */
export function placeIn({ tensors, rootFolder }: Checkpoint): LoadedDecoder['place'] {
	return (name) => {
		const { file, offset, dtype } = tensors.get(name) as TensorEntry;
		if (isBlockType(dtype)) throw new InternalError(`${name}: is used as if its blocks were numbers`);
		return { location: relative(rootFolder, file), offset };
	};
}

/**
 * Returns the config of a wrapper with the head that its files hold: versions of transformers differ in which of its two
 * configs says whether the head is tied, and all of them use a head that is stored.
 */
function withStoredHead({ file, values }: ModelConfig, { tensors }: Checkpoint): ModelConfig {
	return { file, values: { ...values, tie_word_embeddings: !tensors.has('lm_head.weight') } };
}

/** Returns the source of the parameters of a checkpoint, changed by an adapter; all are mapped from their files. */
export function mappedParameters(base: Checkpoint, adapter: Adapter | null): ParameterSource {
	const stored = ({ name, shape, dtype }: TensorEntry): Node =>
		cast(weight(name, shape, elementTypes[dtype] ?? 'float32'), 'float32');
	const parameter = (name: string, shape: Shape): Node => stored(requireTensor(base, name, shape));
	if (adapter === null) return parameter;
	const adapt: ParameterSource['adapt'] = (projection, x, y) => {
		const change = adapter.changes.get(projection);
		if (change === undefined) return y;
		return addLowRank(x, y, { a: stored(change.a), b: stored(change.b), scaling: change.scaling });
	};
	return Object.assign(parameter, { adapt });
}

function adaptedModel(base: Checkpoint, family: DecoderFamily, config: ModelConfig): AdaptedModel {
	const isWeightOf: AdaptedModel['isWeightOf'] = (module, tensor) => {
		const own = weightOf(base, module) ?? (isHead(module) ? embeddingTable(base) : undefined);
		if (own === undefined || !sameShape(own.shape, tensor.shape)) return false;
		if (own.dtype === tensor.dtype) return isSameTensor(own, tensor);
		const values = readAsFloat32(own);
		return readAsFloat32(tensor).every((value, i) => value === values[i]);
	};
	return { projections: projectionSizes(family, config), isWeightOf };
}

/** Adapters of the network without its head leave out the first part of each name. */
function weightOf(base: Checkpoint, module: string): TensorEntry | undefined {
	const end = `.${module}.weight`;
	return findTensor(base, `${module}.weight`) ?? [...base.tensors.values()].find(({ name }) => name.endsWith(end));
}

function embeddingTable({ tensors }: Checkpoint): TensorEntry | undefined {
	return [...tensors.values()].find(({ name }) => /(embed_tokens|wte|embed_in)\.weight$/u.test(name));
}

/** The projection to logits; GPT-NeoX has a name of its own for it. */
function isHead(projection: string): boolean {
	return projection === 'lm_head' || projection === 'embed_out';
}

/** Returns the tensors of an adapter. */
export function adapterTensors({ changes }: Adapter): TensorEntry[] {
	return [...changes.values()].flatMap(({ a, b }) => [a, b]);
}

/** Returns a source that gives the same node each time it is asked for the same name. */
export function shared(parameter: ParameterSource): ParameterSource {
	const known = new Map<string, ReturnType<ParameterSource>>();
	const once = (name: string, shape: Shape): Node => {
		const node = known.get(name) ?? parameter(name, shape);
		known.set(name, node);
		return node;
	};
	return Object.assign(once, { adapt: parameter.adapt });
}

/** Returns name and shape of every parameter that a config's decoder uses. */
export function parameterShapes(family: DecoderFamily, config: ModelConfig): Map<string, readonly number[]> {
	const shapes = new Map<string, readonly number[]>();
	askedOf(family, config, (name, shape) => {
		shapes.set(name, shape.map(Number));
		return weight(name, shape);
	});
	return shapes;
}

/** Returns the widths of every projection that an adapter can change, by name, in the order in which they are used. */
export function projectionSizes(family: DecoderFamily, config: ModelConfig): Map<string, ProjectionSize> {
	const sizes = new Map<string, ProjectionSize>();
	const adapt = (projection: string, x: Node, y: Node): Node => {
		sizes.set(projection, { from: Number(x.shape[1]), to: Number(y.shape[1]) });
		return y;
	};
	askedOf(
		family,
		config,
		Object.assign((name: string, shape: Shape) => weight(name, shape), { adapt }),
	);
	return sizes;
}

/** Builds a forward pass, so that the source is asked for everything a decoder uses. */
function askedOf(family: DecoderFamily, config: ModelConfig, source: ParameterSource): void {
	const decoder = family.createDecoder(config, source);
	const positions = input('positions', ['B', 'T'], 'int64');
	const embeddings = decoder.embed(input('ids', ['B', 'T'], 'int64'));
	const { hiddenStates } = decoder.run({ embeddings, positions, keyPositions: positions, past: null });
	decoder.logits(hiddenStates.at(-1) as Node);
}

/** Checkpoints of the network without its head leave out the first part of each name (`model.`, `transformer.`). */
export function findTensor({ tensors }: Checkpoint, name: string): TensorEntry | undefined {
	return tensors.get(name) ?? tensors.get(name.slice(name.indexOf('.') + 1));
}

function requireTensor(checkpoint: Checkpoint, name: string, shape: Shape): TensorEntry {
	const { folder, tensors } = checkpoint;
	const entry = findTensor(checkpoint, name);
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
	if (!Object.hasOwn(elementTypes, entry.dtype) && !isBlockType(entry.dtype)) {
		throw new UserError(
			`${entry.file}: weight "${name}" has type ${entry.dtype}; possible are ${Object.keys(elementTypes).join(', ')}.`,
		);
	}
	return entry;
}

/** Frequencies and masks that older checkpoints store and every implementation computes, and the copy of a tied head. */
const neverUsed = /rotary_emb\.inv_freq$|\.(attn|attention)\.(masked_)?bias$|^(lm_head|embed_out)\.weight$/;

function refuseLeftOvers(checkpoint: Checkpoint, family: DecoderFamily, config: ModelConfig): void {
	const shapes = [...parameterShapes(family, config)];
	const used = new Set(shapes.map(([name, shape]) => requireTensor(checkpoint, name, shape).name));
	refuseOtherHead(checkpoint, used);
	const left = [...checkpoint.tensors.keys()].filter((name) => !used.has(name) && !neverUsed.test(name));
	if (left.length === 0) return;
	throw new UserError(
		`${checkpoint.folder}: ${left.length} weights are not used by a ${family.modelType} model, so this may be another architecture: ` +
			`${left.slice(0, 8).join(', ')}${left.length > 8 ? ', …' : ''}.`,
	);
}

/** Where the config ties the head, transformers 4 takes the embeddings and version 5 the stored head: both must be the same. */
function refuseOtherHead(checkpoint: Checkpoint, used: ReadonlySet<string>): void {
	const { tensors } = checkpoint;
	const head = tensors.get('lm_head.weight') ?? tensors.get('embed_out.weight');
	const table = embeddingTable(checkpoint);
	if (head === undefined || used.has(head.name) || table === undefined || isSameTensor(head, table)) return;
	throw new UserError(
		`${head.file}: ${head.name} differs from ${table.name}, but config.json ties them (tie_word_embeddings). ` +
			'If the head was trained, set "tie_word_embeddings": false; else remove the tensor.',
	);
}

function sample(tensors: ReadonlyMap<string, unknown>): string {
	return `${[...tensors.keys()].slice(0, 5).join(', ')}${tensors.size > 5 ? ', …' : ''}`;
}
