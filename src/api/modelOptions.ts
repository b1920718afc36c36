/** Where a library call takes models from, and how they are computed: by default as the command line does. */
import { z } from 'zod';
import { cacheFolderOf, modelSourceOptions, processEnvironment } from '../cli/environment.ts';
import { deviceChoices, perturbationWeightForms, weightForms } from '../llm/engineSettings.ts';
import { createModelSource as sourceOf } from '../study/models/machineModels.ts';
import type { ModelSource } from '../study/models/modelSource.ts';
import { checkedOptions } from './checkedOptions.ts';

/** The options of `createModelSource`; `openModel` takes them, too. */
export const modelOptionsShape = {
	/** What computes: `auto` is what is fastest (measured once, for large models), else `cpu`, `webgpu`, `cuda`. */
	device: z.enum(deviceChoices).default('auto'),
	/** Weights as in the file, as float32 (faster), or smaller; `fast` multiplies the blocks of a GGUF file as whole numbers. */
	weights: z.enum(weightForms).default('auto'),
	/** Weights of predictions on masked texts only. */
	perturbationWeights: z.enum(perturbationWeightForms).default('same'),
	/** Bytes that a model may take; null for what is free. */
	memory: z.number().min(1e6, 'must be at least 1e6 bytes').nullable().default(null),
	/** Whether large models are computed with what is fastest here, which is measured once and kept. */
	calibrate: z.boolean().default(true),
	/** Where quantised weights, the calibration and answers of servers are kept; by default where the environment says. */
	cacheFolder: z.string().min(1).optional(),
	/** The Hugging Face cache; by default where the environment says. */
	hubCache: z.string().min(1).optional(),
	/** Base address of a server of the OpenAI API; by default OPENAI_BASE_URL. */
	apiBaseUrl: z.url().nullable().optional(),
	/** Its key; by default OPENAI_API_KEY. */
	apiKey: z.string().nullable().optional(),
};

const schema = z.strictObject(modelOptionsShape);

export type ModelSourceOptions = z.input<typeof schema>;

/**
 * Returns the models of this machine (bundled ones, folders, what `rationale pull` fetched) and those behind APIs.
 * @throws UserError for an option that does not exist or does not fit.
 */
export function createModelSource(options: ModelSourceOptions = {}): ModelSource {
	return sourceWith(checkedOptions(schema, options, 'createModelSource'));
}

/** Returns the source of checked options. */
export function sourceWith(options: z.output<typeof schema>): ModelSource {
	const { device, weights, perturbationWeights, memory, calibrate, cacheFolder, ...places } = options;
	const environment = processEnvironment();
	const folder = cacheFolder ?? cacheFolderOf(environment);
	const engine = { device, weights, perturbationWeights, memory, calibrate, cacheFolder: folder };
	const defaults = modelSourceOptions(environment, engine);
	return sourceOf({
		...defaults,
		hubCache: places.hubCache ?? defaults.hubCache,
		apiBaseUrl: places.apiBaseUrl === undefined ? defaults.apiBaseUrl : places.apiBaseUrl,
		apiKey: places.apiKey === undefined ? defaults.apiKey : places.apiKey,
	});
}
