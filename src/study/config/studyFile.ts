/**
 * The study file. Every key is checked; a key that does not exist is refused with the nearest one that does. Relative
 * paths are relative to the study file.
 */
import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { z } from 'zod';
import { messageOf, UserError } from '../../core/errors.ts';
import { itemAt } from '../../core/present.ts';
import { measureIds } from '../../evaluation/faithfulness/measures.ts';
import { type Masking, type MaskingId, maskings } from '../../rationales/masking.ts';
import { matchedMethod, methodIds } from '../../rationales/methods.ts';
import { predictionTargets } from '../../rationales/perturbation/predictionTargets.ts';
import { selections } from '../../rationales/selection.ts';
import { targets } from '../../rationales/targets.ts';
import { apiSchema } from '../../llm/remote/apiSettings.ts';
import { isBehindApi } from '../../llm/remote/openApiModel.ts';
import { trainingKeys } from '../../training/settings.ts';
import { isHubId } from '../../network/hub/hubId.ts';
import type { CacheFolders } from '../../network/sources/source.ts';
import { reasoningSchema, templateVariables } from './taskFile.ts';
import { type Place, readCheckedYaml } from '../../files/checkedYaml.ts';
import { type DatasetEntry, datasetSchema, resolvedEntry } from './datasetEntry.ts';
import { defaultPerturbation, defaultShareOfWords } from '../../explain/settings.ts';

const named = z.string().min(1, 'must not be empty');
const wholeNumber = (least: number) => z.int(`expected a whole number`).min(least, `must be at least ${least}`);
const idsOf = <K extends string>(record: Readonly<Record<K, unknown>>) => z.enum(Object.keys(record) as [K, ...K[]]);

/** The rules that can give a number of words to ask for. */
export const guideIds = ['top_var', 'top_ratio', 'top_share', 'top_k'] as const;

/** A list of different names. */
const listOf = <T extends z.ZodType>(item: T) =>
	z
		.array(item)
		.min(1, 'must name at least one')
		.refine((list) => new Set(list).size === list.length, 'names something twice');

/** `tiny-instruct`, a folder (`./models/mine`), a GGUF file (`./mine.gguf`), a hub id (`org/name`), or `{ id, path }` or `{ id, hub }`. */
const modelSchema = z.preprocess(
	(value) => (typeof value === 'string' ? modelOf(value) : value),
	z
		.strictObject({
			/** What the model is called in all figures. */
			id: named,
			/** Its folder; null or left out for a bundled model or one of the hub. */
			path: named.nullable().default(null),
			/** Its hub id, where it is called otherwise. */
			hub: named.refine(isHubId, 'must be org/name, org/name@revision or org/name:FILE.gguf').optional(),
			/** Folder of a LoRA adapter that changes it. A folder with an adapter can also be the path: its config names the base. */
			adapter: named.nullable().optional(),
			/** True: where it cannot be used (not fetched, no key), the study goes on without it and says so. */
			optional: z.boolean().optional(),
			/** What its chat template is told, by the names that it reads (`rationale models --template`). */
			template: templateVariables.optional(),
			/** How it is asked, where it is behind an API. */
			api: apiSchema.optional(),
		})
		.refine(({ path, hub }) => path === null || hub === undefined, 'give either "path" or "hub", not both')
		.refine(
			({ path, hub, adapter, api, template }) =>
				api === undefined || (path === null && hub === undefined && adapter == null && template === undefined),
			'"api" is for models that are not on this machine: leave out path, hub, adapter and template',
		),
);

const shares = z
	.array(z.number().min(0, 'a share is at least 0').max(1, 'a share is at most 1'))
	.refine((list) => list.slice(1).every((share, i) => share > itemAt(list, i)), 'shares must rise');

const unitSchema = z.union([z.enum(['word', 'sentence', 'segment']), wholeNumber(1)]);

const targetSchema = z
	.strictObject({
		kind: idsOf(targets).nullable().default(null),
		/** The label that `diff` contrasts with; `annotated`: the example's own, of contrastive rationales; null: the most probable other one. */
		foil: named.nullable().default(null),
		/** Whose label is explained. */
		of: z.enum(['predicted', 'gold']).default('predicted'),
	})
	.refine(({ kind, foil }) => foil === null || kind === 'diff', 'a "foil" needs "kind: diff"');

const studySchema = z
	.strictObject({
		/** Name of the study. Default: the file's name. */
		study: named.optional(),
		/** Decides examples drawn by `limit`, random words, ties and the bootstrap. */
		seed: z.int('expected a whole number').default(1),
		models: z.array(modelSchema).min(1, 'must name at least one model'),
		/** Folder that the paths of published datasets are relative to. Default: the study file's. */
		data: named.optional(),
		/** What the chat templates of all models on this machine are told; a model's own "template" goes before. */
		template: templateVariables.optional(),
		/** What stands for a label: `all` spellings with which a model may begin it, or its answer `exact`ly as it is written. */
		spellings: z.enum(['all', 'exact']).default('all'),
		/** Labels are scored after a thought; a task file's own "reasoning" goes before. Left out: the label is said at once. */
		reasoning: reasoningSchema.optional(),
		datasets: z.array(datasetSchema).min(1, 'must name at least one dataset'),
		/** `rationale methods` lists them. */
		methods: listOf(z.enum(methodIds)).default([
			'attention',
			'saliency.l2',
			'input_x_gradient.dot',
			'input_x_gradient.l2',
			'prompt.unbound',
			'prompt.top_k',
			'random',
			'human',
		] as (typeof methodIds)[number][]),
		/**
		 * How many words are chosen: as many as the example's human rationale, the dataset's mean share, a fixed share or
		 * number, or the method's own choice. Null: for each dataset what can be made for it (`choiceOfWords`).
		 */
		selections: listOf(idsOf(selections)).nullable().default(null),
		/** Number of words of selection `top_k`; needed where that is used. */
		topK: wholeNumber(1).nullable().default(null),
		/** Share of a text's words of selection `top_share`. */
		topShare: z
			.number()
			.gt(0, 'a share of words is above 0')
			.max(1, 'a share is at most 1')
			.default(defaultShareOfWords),
		/** The rule for the number of words that method `prompt.top_k` asks for and selection `contiguous` takes. Null: `top_var` where words are marked, else `top_share`. */
		guidedBy: z.enum(guideIds).nullable().default(null),
		/** Selection `threshold` takes all words whose score is at least `share` of the largest one, or at that share of the range. */
		threshold: z
			.strictObject({
				share: z.number().min(0, 'a share is at least 0').max(1, 'a share is at most 1').default(0.5),
				of: z.enum(['maximum', 'range']).default('maximum'),
			})
			.prefault({}),
		/** Ways of taking words away; the first one is the headline, and that of the curves. */
		maskings: listOf(idsOf(maskings)).default(['space', 'delete']),
		/** What gradients explain; null: `diff` with two labels, `logodds_labels` with more. Or `{ kind, foil, of }`. */
		target: z
			.union([idsOf(targets), targetSchema])
			.nullable()
			.default(null),
		/** Whether predictions depend on the prompt: other `wordings` of the task file, and other orders of the answers. */
		sensitivity: z
			.strictObject({
				wordings: z.union([z.enum(['all', 'none']), listOf(named)]).default('none'),
				labelOrders: wholeNumber(0).default(0),
			})
			.prefault({}),
		/** What is scored and taken away together: a word, a sentence, a segment, or a number of consecutive words. */
		unit: unitSchema.default('word'),
		/** How the scores of a unit's tokens become its score; null: each method's own rule (`rationale methods`). */
		aggregation: z.enum(['sum', 'max', 'mean', 'first']).nullable().default(null),
		/** What `attention` averages: numbers from 0, heads are query heads. */
		attention: z
			.strictObject({
				layers: z.union([z.enum(['last', 'all']), listOf(wholeNumber(0))]).default('last'),
				heads: z.union([z.enum(['all']), listOf(wholeNumber(0))]).default('all'),
			})
			.prefault({}),
		/** For methods that look at predictions only: `occlusion`, `lime`, `kernel_shap`, `permutation_shap`, `reagent`. */
		perturbation: z
			.strictObject({
				/** What is taken away together; null: the study's "unit". */
				unit: unitSchema.nullable().default(null),
				/** How it is taken away. */
				masking: idsOf(maskings).default(defaultPerturbation.masking),
				/** The number they explain, of the predicted label. */
				target: idsOf(predictionTargets).default(defaultPerturbation.target),
				/** Most prompts scored per example and method; null for each method's own number. */
				evaluations: wholeNumber(2).nullable().default(defaultPerturbation.evaluations),
			})
			.prefault({}),
		control: z
			.strictObject({
				/** Random choices of as many words per rationale; 0 for none. */
				draws: wholeNumber(0).default(5),
			})
			.prefault({}),
		/** Shares of the words to mask, best first, 0 to 1, rising; empty for no curves. */
		curve: shares.default([0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1]),
		/** What is asked about faithfulness; all but `flip_rate` take predictions of their own. */
		faithfulness: listOf(z.enum(measureIds)).default(['flip_rate']),
		answer: z
			.strictObject({
				/** Upper limit of tokens of an answer that lists words. */
				maxTokens: wholeNumber(1).default(128),
			})
			.prefault({}),
		bootstrap: z
			.strictObject({
				/** Resamples per 95 % interval. */
				resamples: wholeNumber(100).default(1000),
			})
			.prefault({}),
		/** Trains the models before they are studied, and studies them before and after every epoch; null: as they are. */
		finetune: z
			.strictObject({
				...trainingKeys,
				/** The study's models that are trained. Default: all that are on this machine. */
				models: listOf(named).optional(),
				/** One model for all datasets, or one for each. */
				together: z.boolean().default(false),
			})
			.nullable()
			.default(null),
		/** Examples that go through the model and to disk together. Changes no result. */
		batch: wholeNumber(1).default(16),
		/** What a run adds to the `study.yaml` it writes; ignored when that file is run. */
		resolved: z.unknown().optional(),
	})
	.superRefine((study, context) => {
		const usesTopK = study.selections?.includes('top_k') === true || study.guidedBy === 'top_k';
		if (usesTopK && study.topK === null) {
			const message = '"top_k" needs a number of words; add "topK: 5"';
			context.addIssue({ code: 'custom', path: ['selections'], message });
		}
		if (study.selections?.includes('matched') === true && matchedMethod(study.methods) === null) {
			const message = '"matched" takes its lengths from a method that asks the model for words; add "prompt.unbound"';
			context.addIssue({ code: 'custom', path: ['selections'], message });
		}
		for (const [i, model] of (study.finetune?.models ?? []).entries()) {
			if (study.models.some(({ id }) => id === model)) continue;
			const message = `"${model}" is not among the study's models`;
			context.addIssue({ code: 'custom', path: ['finetune', 'models', i], message });
		}
		for (const [i, { file, train, limit }] of study.datasets.entries()) {
			if (study.finetune === null || file === undefined || train?.from.file !== undefined || limit !== undefined)
				continue;
			const message =
				'to fine-tune, one\'s own file needs texts to learn from: add "train: { from: { file: … } }", or a "limit" that leaves some';
			context.addIssue({ code: 'custom', path: ['datasets', i], message });
		}
		for (const key of ['models', 'datasets'] as const) {
			const ids = study[key].map(({ id }) => id);
			for (const [i, id] of ids.entries()) {
				if (ids.indexOf(id) === i) continue;
				context.addIssue({ code: 'custom', path: [key, i, 'id'], message: 'the name is used twice' });
			}
		}
	});

type ParsedStudy = z.output<typeof studySchema>;

/** A checked study with all defaults and absolute paths. */
export type StudyConfig = Omit<ParsedStudy, 'study' | 'resolved' | 'data'> & {
	readonly study: string;
	/** Where in the study file a key stands. */
	readonly place: Place;
};

/** What comes from outside the study file. */
export interface ConfigChanges {
	/** Takes the place of the study's `data`; relative to the working folder. */
	readonly data?: string | undefined;
	/** Take the place of the study's models. */
	readonly models?: readonly string[] | undefined;
	/** Where fetched data lies; without it no fetched data is used. */
	readonly caches?: CacheFolders | undefined;
}

/** Returns the study of a file. Throws a UserError that names line and key of everything that is wrong. */
export async function loadConfig(path: string, changes: ConfigChanges = {}): Promise<StudyConfig> {
	const text = await readFile(path, 'utf8').catch((error: unknown) => {
		throw new UserError(`${path}: cannot be read (${messageOf(error)}). Give the path of a study file (YAML).`);
	});
	return parseConfig(text, path, changes);
}

/** Returns the study of a text; `path` is the file it stands in. Throws as `loadConfig` does. */
export function parseConfig(text: string, path: string, changes: ConfigChanges = {}): StudyConfig {
	const { value, place } = readCheckedYaml(studySchema, text, path);
	const { study, resolved: _, models, data, datasets, ...rest } = value;
	const folder = dirname(resolve(path));
	const dataFolder = changes.data === undefined ? resolve(folder, data ?? '.') : resolve(changes.data);
	const folders = { study: folder, data: dataFolder, caches: changes.caches ?? null };
	const used =
		changes.models === undefined ? models.map((model) => resolvedModel(model, folder)) : replacedModels(changes.models);
	requirePossible(used, [...rest.maskings, rest.perturbation.masking], path);
	return {
		study: study ?? basename(path, extname(path)),
		models: used,
		datasets: datasets.map((entry): DatasetEntry => resolvedEntry(entry, folders)),
		...rest,
		place,
	};
}

/** Throws a `UserError` for a masking that a model behind an API can never do: that is known before anything runs. */
function requirePossible(models: StudyConfig['models'], used: readonly MaskingId[], path: string): void {
	const model = models.find(isBehindApi);
	const needing = used.find((id) => (maskings[id] as Masking).needs !== undefined);
	if (model === undefined || needing === undefined) return;
	throw new UserError(
		`${path}: masking "${needing}" is possible for models on this machine only, and "${model.id}" is behind an API. Take ` +
			'"space" or "delete", or study that model on its own.',
	);
}

/** Models that are named on the command line: paths are relative to the working folder. */
function replacedModels(names: readonly string[]): StudyConfig['models'] {
	const models = names.map((name) => modelSchema.parse(name));
	const twice = models.find(({ id }, i) => models.findIndex((model) => model.id === id) !== i);
	if (twice !== undefined) throw new UserError(`--models: "${twice.id}" is named twice.`);
	return models.map((model) => resolvedModel(model, '.'));
}

function resolvedModel({ path, adapter, ...model }: ParsedStudy['models'][number], folder: string) {
	return {
		...model,
		path: path === null ? null : resolve(folder, path),
		...(adapter == null ? {} : { adapter: resolve(folder, adapter) }),
	};
}

/** A name that starts like a path is one; its last part is what the model is called. */
function modelOf(name: string): { id: string; path?: string } {
	return /^(\.{1,2}[\\/]|[\\/]|[A-Za-z]:[\\/])/u.test(name) ? { id: basename(name), path: name } : { id: name };
}
