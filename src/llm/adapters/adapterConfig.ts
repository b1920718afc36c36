/**
 * Reading of adapter_config.json, PEFT's description of an adapter. Only plain LoRA is accepted (Hu et al. 2022; rsLoRA:
 * Kalajdzievski 2023): a key that asks for a variant is refused by name, because it changes the mathematics.
 * Source: huggingface/peft 0.21, tuners/lora/config.py and tuners/tuners_utils.py.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { shown, UserError } from '../../core/errors.ts';
import { readJsonFile } from '../weights/jsonFile.ts';
import { pythonPattern } from './pythonPattern.ts';

export const adapterConfigFile = 'adapter_config.json';
export const adapterWeightsFile = 'adapter_model.safetensors';

const names = z.union([z.string(), z.array(z.string())]);
const size = z.number().int().positive();

/** Other kinds of adapters have other keys: the type is read before them. */
const typeSchema = z.looseObject({ peft_type: z.string() });

const schema = typeSchema.extend({
	base_model_name_or_path: z.string().nullish(),
	r: size,
	lora_alpha: z.number(),
	use_rslora: z.boolean().nullish(),
	rank_pattern: z.record(z.string(), size).nullish(),
	alpha_pattern: z.record(z.string(), z.number()).nullish(),
	/** A list of endings of module names, or a regular expression for whole names. */
	target_modules: names.nullish(),
	exclude_modules: names.nullish(),
	layers_to_transform: z.union([z.number(), z.array(z.number())]).nullish(),
	layers_pattern: names.nullish(),
	/** Whether base weights lie as [in, out]; says how to merge, and nothing about A and B. */
	fan_in_fan_out: z.boolean().nullish(),
	bias: z.string().nullish(),
	init_lora_weights: z.union([z.boolean(), z.string()]).nullish(),
});

export type AdapterConfig = z.infer<typeof schema>;

/** Keys that say where an adapter comes from or how it was trained. */
const harmless = new Set([
	...['task_type', 'auto_mapping', 'peft_version', 'revision', 'inference_mode', 'lora_dropout', 'runtime_config'],
	...['qalora_group_size', 'megatron_core', 'ensure_weight_tying', 'eva_config', 'velora_config'],
	...['layers_pattern', 'layers_to_transform', 'exclude_modules', 'target_modules'],
]);

/** Ways of starting that leave the base model's weights as they are. */
const harmlessStarts = ['gaussian', 'eva', 'orthogonal'];

/** Variants by the key that asks for them. */
const variants: Readonly<Record<string, string>> = {
	use_dora: 'DoRA',
	use_qalora: 'QA-LoRA',
	use_bdlora: 'block-diagonal LoRA',
	alora_invocation_tokens: 'activated LoRA',
	arrow_config: 'Arrow routing',
	kasa_config: 'KaSA',
	monteclora_config: 'MonteCLoRA',
	corda_config: 'CorDA',
	loftq_config: 'LoftQ',
	lora_ga_config: 'LoRA-GA',
	lora_bias: 'biases of LoRA layers',
	layer_replication: 'replicated layers',
	modules_to_save: 'modules saved whole',
	target_parameters: 'adapted parameters',
	trainable_token_indices: 'trained tokens',
	megatron_config: 'Megatron layers',
};

/** What a new adapter is to be. */
export interface LowRankOptions {
	/** r. */
	readonly rank: number;
	readonly alpha: number;
	/** Scales by alpha / sqrt(r) in the place of alpha / r. */
	readonly rslora: boolean;
	/** Names of the changed projections, or of their last parts; `all-linear` for all but the head. */
	readonly targets: 'all-linear' | readonly string[];
}

/** Returns the config of a new adapter; `baseModel` is the name or path by which others find the base model. */
export function newAdapterConfig(options: LowRankOptions, baseModel: string, modelType: string): AdapterConfig {
	return {
		peft_type: 'LORA',
		task_type: 'CAUSAL_LM',
		base_model_name_or_path: baseModel,
		r: options.rank,
		lora_alpha: options.alpha,
		use_rslora: options.rslora,
		lora_dropout: 0,
		bias: 'none',
		fan_in_fan_out: modelType === 'gpt2',
		inference_mode: true,
		init_lora_weights: true,
		rank_pattern: {},
		alpha_pattern: {},
		target_modules: options.targets === 'all-linear' ? 'all-linear' : [...options.targets],
	};
}

/** Returns true for a folder with an adapter and no model of its own. */
export function isAdapterFolder(folder: string): boolean {
	return existsSync(join(folder, adapterConfigFile)) && !existsSync(join(folder, 'config.json'));
}

/** Returns the checked config of an adapter folder. Throws `UserError` for anything but plain LoRA, naming it. */
export function readAdapterConfig(folder: string): AdapterConfig {
	const file = join(folder, adapterConfigFile);
	const { peft_type: type } = readJsonFile(file, typeSchema);
	if (type !== 'LORA') {
		throw new UserError(
			`${file}: adapters of type ${type} are not supported; possible is LORA. If PEFT can merge it into its base model ` +
				'(merge_and_unload), give the merged folder.',
		);
	}
	const config = readJsonFile(file, schema);
	const asked = Object.entries(config).filter(([key, value]) => !isHarmless(key, value));
	if (asked.length === 0) return config;
	const list = asked.map(([key, value]) => {
		const variant = variants[key];
		return `${variant === undefined ? '' : `${variant}: `}${key}=${shown(value)}`;
	});
	throw new UserError(
		`${file}: only plain LoRA (with rsLoRA, rank and alpha patterns) is supported, but the file asks for ${list.join('; ')}. ` +
			'Merge such an adapter into its base model with PEFT (merge_and_unload) and give the merged folder.',
	);
}

function isHarmless(key: string, value: unknown): boolean {
	if (key === 'bias') return value === 'none' || value === null;
	if (key === 'init_lora_weights') return typeof value !== 'string' || harmlessStarts.includes(value);
	return Object.hasOwn(schema.shape, key) || harmless.has(key) || isEmpty(value);
}

function isEmpty(value: unknown): boolean {
	return value == null || value === false || (typeof value === 'object' && Object.keys(value).length === 0);
}

/** Returns rank and scaling of a module: alpha / r, or alpha / sqrt(r) with rsLoRA; the first pattern that fits decides. */
export function rankAndScaling(config: AdapterConfig, module: string): { rank: number; scaling: number } {
	const rank = byPattern('rank_pattern', config.rank_pattern, module) ?? config.r;
	const alpha = byPattern('alpha_pattern', config.alpha_pattern, module) ?? config.lora_alpha;
	return { rank, scaling: alpha / (config.use_rslora === true ? Math.sqrt(rank) : rank) };
}

/** Throws `UserError` for an expression that is not read: without it a rank or an alpha would be guessed. */
function byPattern(
	key: 'rank_pattern' | 'alpha_pattern',
	patterns: Readonly<Record<string, number>> | null | undefined,
	module: string,
): number | undefined {
	for (const [pattern, value] of Object.entries(patterns ?? {})) {
		const where = `${adapterConfigFile}: ${key}`;
		// By itself first: what is added must not make an expression of it.
		const isReadable = pythonPattern(pattern, where) !== null;
		const whole = isReadable ? pythonPattern(String.raw`(?:.*\.)?(?:${pattern})`, where) : null;
		if (whole === null) {
			throw new UserError(
				`${where}: ${shown(pattern)} looks around or refers to groups, which is not read. Name the modules plainly, or merge the ` +
					'adapter into its base model with PEFT (merge_and_unload) and give the merged folder.',
			);
		}
		if (whole.fits(module)) return value;
	}
	return undefined;
}

/**
 * Returns the modules that the config targets, of those that can be adapted. `all-linear` means all but the head.
 * Null leaves the choice to the weights, which say which modules are changed: for a config without targets (PEFT then takes
 * those usual for the architecture), and for regular expressions that look around.
 */
export function targetedModules(config: AdapterConfig, modules: readonly string[]): string[] | null {
	const { target_modules: targets } = config;
	if (targets == null) return null;
	const isTargeted = targetTest(config, targets);
	const isExcluded = exclusionTest(config);
	if (isTargeted === null || isExcluded === null) return null;
	return modules.filter((module) => isTargeted(module) && !isExcluded(module));
}

type NameTest = (name: string) => boolean;

function targetTest(config: AdapterConfig, targets: string | readonly string[]): NameTest | null {
	if (targets === 'all-linear') return (module) => module !== 'lm_head' && module !== 'embed_out';
	if (typeof targets === 'string') return pythonPattern(targets, `${adapterConfigFile}: target_modules`)?.fits ?? null;
	const isInLayers = layerTest(config);
	if (isInLayers === null) return null;
	return (module) =>
		targets.includes(module) || (targets.some((target) => module.endsWith(`.${target}`)) && isInLayers(module));
}

function exclusionTest({ exclude_modules: excluded }: AdapterConfig): NameTest | null {
	if (excluded == null) return () => false;
	if (typeof excluded === 'string')
		return pythonPattern(excluded, `${adapterConfigFile}: exclude_modules`)?.fits ?? null;
	return (module) => excluded.some((name) => module === name || module.endsWith(`.${name}`));
}

function layerTest({ layers_to_transform: wanted, layers_pattern }: AdapterConfig): NameTest | null {
	const layers = wanted == null ? [] : [wanted].flat();
	if (layers.length === 0) return () => true;
	const lists = layers_pattern == null ? [] : [layers_pattern].flat();
	const patterns = lists.length === 0 ? ['[^.]*'] : lists;
	const where = `${adapterConfigFile}: layers_pattern`;
	// The first number decides: modules of experts have a second one.
	const found = patterns.map((pattern) => pythonPattern(String.raw`(?:.*?\.)?(?:${pattern})\.(?P<idx>\d+)\.`, where));
	if (found.includes(null)) return null;
	return (module) => {
		const layer = found.map((pattern) => pattern?.groupOf(module, 'idx') ?? null).find((one) => one !== null);
		return layer !== undefined && layers.includes(Number(layer));
	};
}
