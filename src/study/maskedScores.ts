import type { LabelScores, TokenIds } from '../llm/languageModel.ts';
import type { Asking, Phase } from './explain.ts';

/** Prompts per call to the model: between calls a run can be stopped and its progress seen. */
const promptsPerCall = 256;

/**
 * Returns the label scores of prompts in which something is masked: these may be of reduced precision, where the user
 * opened the model so.
 */
export async function scoreMasked(asking: Asking, phase: Phase, prompts: readonly TokenIds[]): Promise<LabelScores[]> {
	const { model, format } = asking;
	const labels = format.labels.map(({ tokens }) => tokens);
	const scores: LabelScores[] = [];
	for (let start = 0; start < prompts.length; start += promptsPerCall) {
		asking.step(phase);
		const part = prompts.slice(start, start + promptsPerCall);
		scores.push(...(await model.scoreLabels(part, labels, { precision: 'reduced' })));
	}
	return scores;
}
