/** A GGUF file as the config and the tensors that the same model has in the Hugging Face layout. */
import { UserError } from '../../../core/errors.ts';
import { readAsFloat32, type TensorEntry } from '../safetensors.ts';
import type { Architecture, ConfigValues } from './architectures/architecture.ts';
import { architectureOf } from './architectures/architectures.ts';
import { ModelKeys } from './modelKeys.ts';
import { type GgufFile, openGguf, type PlacedTensor } from './openGguf.ts';

export interface GgufModel {
	readonly gguf: GgufFile;
	/** What config.json would say. */
	readonly config: ConfigValues;
	/** Under the names of the Hugging Face layout; those that have none keep their own. */
	readonly tensors: readonly TensorEntry[];
}

/** Tensors that the config is made of. */
const partsOfConfig = new Set(['rope_freqs.weight', 'rope_factors_long.weight', 'rope_factors_short.weight']);
/** More numbers than any of those holds. */
const mostValues = 2 ** 16;

/** Returns the model of a file. Throws `UserError` for a damaged file, an unknown architecture, and metadata that are not handled. */
export function openGgufModel(file: string): GgufModel {
	const gguf = openGguf(file);
	const name = gguf.metadata.text('general.architecture');
	const architecture = architectureOf(file, name);
	const keys = new ModelKeys(architecture.name, gguf, (tensor) => smallTensor(gguf, tensor));
	const config = architecture.config(keys);
	keys.refuseUnasked();
	const tensors = [...gguf.tensors.values()]
		.filter((tensor) => !partsOfConfig.has(tensor.name))
		.map((tensor) => entryOf(file, tensor, architecture, config));
	return { gguf, config, tensors };
}

function smallTensor(gguf: GgufFile, name: string): readonly number[] | undefined {
	const tensor = gguf.tensors.get(name);
	if (tensor === undefined) return undefined;
	if (tensor.byteLength > mostValues)
		throw new UserError(`${gguf.file}: the tensor "${name}" is larger than it can be.`);
	return [...readAsFloat32(plainEntry(tensor, tensor.name))];
}

function plainEntry({ file, type, shape, offset, byteLength }: PlacedTensor, name: string): TensorEntry {
	return { file, name, dtype: type, shape, offset, byteLength };
}

function entryOf(file: string, tensor: PlacedTensor, architecture: Architecture, config: ConfigValues): TensorEntry {
	const name = layoutName(tensor.name, architecture);
	const change = architecture.change(name, config);
	const entry = plainEntry(tensor, name);
	if (change === null) return entry;
	if (change.kind === 'transposed') return { ...entry, shape: entry.shape.toReversed(), change };
	if (change.kind === 'rotaryPairs') requireRows(file, entry, 2 * change.heads);
	if (change.kind === 'headsByKind') requireRows(file, entry, 3 * change.heads);
	return { ...entry, change };
}

function requireRows(file: string, { name, shape: [rows = 0] }: TensorEntry, parts: number): void {
	if (Number.isInteger(parts) && parts > 0 && rows % parts === 0) return;
	throw new UserError(
		`${file}: the ${rows} rows of ${name} do not divide into ${parts} parts, as its heads need. Convert the model again.`,
	);
}

function layoutName(name: string, { outside, inBlock, blocks }: Architecture): string {
	const groups = /^(?:blk\.(?<block>\d+)\.)?(?<stem>.+)\.(?<kind>weight|bias)$/u.exec(name)?.groups;
	if (groups === undefined) return name;
	const { block, stem = '', kind = '' } = groups;
	const names = block === undefined ? outside : inBlock;
	const known = Object.hasOwn(names, stem) ? names[stem] : undefined;
	if (known === undefined) return name;
	return block === undefined ? `${known}.${kind}` : `${blocks}.${Number(block)}.${known}.${kind}`;
}
