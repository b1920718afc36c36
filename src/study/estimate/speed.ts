/** How fast a model on this machine reads and writes, measured on a few texts. */
import { itemAt } from '../../core/present.ts';
import type { LanguageModel } from '../../llm/languageModel.ts';
import type { EncodedExample, TaskFormat } from '../../explain/context.ts';
import { differentTokens } from './computedTokens.ts';

/** Seconds per token that is computed: beginnings that prompts share are computed once. */
export interface Speed {
	/** Of prompts that are scored. */
	readonly read: number;
	/** Of prompts that are read forwards and back. */
	readonly readAndBack: number;
	/** Of an answer, several prompts being answered together. */
	readonly write: number;
}

const TEXTS = 2;

/** Of each text its last tokens are read: enough for the engine's usual speed, and soon done with any model and prompt. */
const TOKENS = 128;
const WRITTEN_TOKENS = 8;

/** A first run that takes longer, in seconds, is not repeated: to compile took little of it. */
const LONG = 4;

/**
 * Returns the speed; null for a model that is not in this process's hands (it has no gradients: behind an API every
 * call may cost money), and without texts. Each kind of pass runs twice, unless it takes long: the first time it is compiled.
 */
export async function measureSpeed(
	model: LanguageModel,
	{ labels }: TaskFormat,
	examples: readonly EncodedExample[],
	now: () => number,
): Promise<Speed | null> {
	const prompts = examples.slice(0, TEXTS).map(({ prompt }) => prompt.ids.slice(-TOKENS));
	if (prompts.length === 0 || !model.capabilities.has('gradients')) return null;
	const tokens = differentTokens(prompts);
	const labelTokens = labels.map((label) => label.tokens);
	const first = itemAt(labelTokens, 0);
	const targets = prompts.map(() => ({ tokens: first.slice(0, 1), weights: [1] }));
	const once = async (run: () => Promise<unknown>): Promise<number> => {
		const start = now();
		await run();
		return (now() - start) / 1000;
	};
	const seconds = async (run: () => Promise<unknown>): Promise<number> => {
		const compiling = await once(run);
		return compiling > LONG ? compiling : once(run);
	};
	const read = (await seconds(() => model.scoreLabels(prompts, labelTokens))) / tokens;
	const readAndBack = (await seconds(() => model.attribute(prompts, targets, ['gradientXInput.dot']))) / tokens;
	const answered = await seconds(() => model.generate(prompts, { maxNewTokens: WRITTEN_TOKENS }));
	const write = Math.max(0, answered - tokens * read) / (prompts.length * WRITTEN_TOKENS);
	return { read, readAndBack, write };
}
