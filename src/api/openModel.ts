/** Opens a model by its name. */
import { z } from 'zod';
import type { LanguageModel } from '../llm/languageModel.ts';
import { checkedOptions } from './checkedOptions.ts';
import { modelOptionsShape, sourceWith } from './modelOptions.ts';

const schema = z.strictObject({
	...modelOptionsShape,
	/** Folder of a LoRA adapter that changes the model. */
	adapter: z.string().min(1).nullable().default(null),
	/** Aborting it closes the model, and gives up opening it. */
	signal: z.instanceof(AbortSignal).optional(),
});

export type OpenModelOptions = z.input<typeof schema>;

/**
 * Returns a model that is ready to be asked; `close` gives its memory back.
 * @param name a bundled model, a folder, `org/name` of the hub (fetched with `rationale pull`), or `openai:NAME` behind an API.
 * @throws UserError for a model that is not there or cannot be used, and for an option that does not fit; InterruptedError
 * where it is stopped before it is open.
 */
export async function openModel(name: string, options: OpenModelOptions = {}): Promise<LanguageModel> {
	const { adapter, signal, ...source } = checkedOptions(schema, options, 'openModel');
	return sourceWith(source).open({ id: name, path: null, adapter }, signal);
}
