/** Opens a LoRA adapter folder and checks it against the projections of its base model; weights stay in their file. */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, UserError } from '../../core/errors.ts';
import { readSafetensorsHeader, type TensorEntry } from '../weights/safetensors.ts';
import {
	type AdapterConfig,
	adapterWeightsFile,
	rankAndScaling,
	readAdapterConfig,
	targetedModules,
} from './adapterConfig.ts';

/** Width of the rows that a projection takes and gives. */
export interface ProjectionSize {
	readonly from: number;
	readonly to: number;
}

/** The model that an adapter is for. */
export interface AdaptedModel {
	/** Its projections by name. */
	readonly projections: ReadonlyMap<string, ProjectionSize>;
	/** Returns whether a tensor equals the weight of a module: PEFT saves those of embeddings and head in some cases. */
	readonly isWeightOf: (module: string, tensor: TensorEntry) => boolean;
}

/** What an adapter adds to one projection y of rows x: scaling * (x A^T) B^T. */
export interface LowRankChange {
	/** [r, from]. */
	readonly a: TensorEntry;
	/** [to, r]. */
	readonly b: TensorEntry;
	readonly rank: number;
	readonly scaling: number;
}

export interface Adapter {
	readonly folder: string;
	readonly config: AdapterConfig;
	/** By the projection's weight name without `.weight`. */
	readonly changes: ReadonlyMap<string, LowRankChange>;
}

const prefix = 'base_model.model.';
const keyForm = /^(?<module>.+)\.(?<part>lora_A|lora_B|base_layer)\.weight$/u;
/** Embeddings and head that PEFT saves whole (`save_embedding_layers`). */
const wholeForm = /^base_model\.model\.(?<module>(?:.+\.)?(?:embed_tokens|wte|embed_in|lm_head|embed_out))\.weight$/u;
const floats: readonly string[] = ['F32', 'F16', 'BF16'];

/**
 * Returns the adapter of a PEFT folder. Throws `UserError` for a variant of LoRA, for tensors that fit no projection of the
 * base model or have another shape than the config says, and for missing ones.
 */
export function openAdapter(folder: string, base: AdaptedModel): Adapter {
	const { projections } = base;
	const config = readAdapterConfig(folder);
	const file = join(folder, adapterWeightsFile);
	const pairs = pairsOf(file, base);
	const changes = [...pairs].map(([module, pair]): [string, LowRankChange] => [
		module,
		checkedChange(file, module, pair, projections.get(module) as ProjectionSize, config),
	]);
	const absent = (targetedModules(config, [...projections.keys()]) ?? []).filter((module) => !pairs.has(module));
	if (absent.length > 0) {
		throw new UserError(
			`${file}: ${absent.length} modules that the adapter's target_modules name have no weights: ${listed(absent)}.`,
		);
	}
	return { folder, config, changes: new Map(changes) };
}

interface Pair {
	a?: TensorEntry;
	b?: TensorEntry;
}

function pairsOf(file: string, { projections, isWeightOf }: AdaptedModel): Map<string, Pair> {
	const pairs = new Map<string, Pair>();
	const strange: string[] = [];
	const whole: string[] = [];
	for (const entry of tensorsOf(file)) {
		const saved = wholeForm.exec(entry.name)?.groups?.['module'];
		if (saved !== undefined) {
			if (!isWeightOf(saved, entry)) whole.push(entry.name);
			continue;
		}
		const { module: stored = '', part } = keyForm.exec(entry.name)?.groups ?? {};
		const module = moduleNamed(stored, projections);
		if (module !== undefined && part === 'base_layer' && isWeightOf(module, entry)) continue;
		if (module === undefined || part === 'base_layer') {
			strange.push(entry.name);
			continue;
		}
		const pair = pairs.get(module) ?? {};
		pairs.set(module, part === 'lora_A' ? { ...pair, a: entry } : { ...pair, b: entry });
	}
	if (whole.length > 0) {
		throw new UserError(
			`${file}: beside low-rank changes it holds whole weights that differ from the base model's: ${listed(whole)}. Tokens may ` +
				'have been added, or embeddings trained. Merge the adapter into its base model with PEFT (merge_and_unload) and give the ' +
				'merged folder.',
		);
	}
	if (strange.length === 0) return pairs;
	throw new UserError(
		`${file}: ${strange.length} tensors change nothing in this base model, so the adapter may be for another one ` +
			`or of another kind (embeddings and whole changed modules are not supported): ${listed(strange)}.`,
	);
}

function tensorsOf(file: string): readonly TensorEntry[] {
	try {
		return readSafetensorsHeader(realpathSync(file)).tensors;
	} catch (error) {
		if (error instanceof UserError) throw error;
		throw new UserError(
			`${file}: cannot be read (${messageOf(error)}). An adapter is ${adapterWeightsFile} beside adapter_config.json.`,
		);
	}
}

/** Adapters of the network without its head leave out the first part of each name (`model.`, `transformer.`). */
function moduleNamed(stored: string, projections: ReadonlyMap<string, ProjectionSize>): string | undefined {
	if (!stored.startsWith(prefix)) return undefined;
	const module = stored.slice(prefix.length);
	if (projections.has(module)) return module;
	return [...projections.keys()].find((name) => name.slice(name.indexOf('.') + 1) === module);
}

function checkedChange(
	file: string,
	module: string,
	{ a, b }: Pair,
	{ from, to }: ProjectionSize,
	config: AdapterConfig,
): LowRankChange {
	if (a === undefined || b === undefined) {
		throw new UserError(`${file}: "${module}" has only one of lora_A and lora_B.`);
	}
	const { rank, scaling } = rankAndScaling(config, module);
	requireForm(a, [rank, from]);
	requireForm(b, [to, rank]);
	return { a, b, rank, scaling };
}

function requireForm({ file, name, shape, dtype }: TensorEntry, wanted: readonly [number, number]): void {
	if (shape.length !== 2 || shape[0] !== wanted[0] || shape[1] !== wanted[1]) {
		throw new UserError(
			`${file}: "${name}" has shape [${shape.join(', ')}], but adapter_config.json and the base model say [${wanted.join(', ')}].`,
		);
	}
	if (!floats.includes(dtype)) {
		throw new UserError(`${file}: "${name}" has type ${dtype}; possible are ${floats.join(', ')}.`);
	}
}

function listed(items: readonly string[]): string {
	return `${items.slice(0, 5).join(', ')}${items.length > 5 ? ', …' : ''}`;
}
