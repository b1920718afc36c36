/**
 * Cell ids: the hash of what decides a record's content. Left out is what does not: batch size, folders, the bootstrap,
 * and everything about other models, datasets and methods.
 */
import type { Example } from '../core/example.ts';
import { contentId } from '../core/ids.ts';
import { classificationPrompt } from '../prompts/classification.ts';
import type { Method } from '../rationales/method.ts';
import { type MethodId, methods } from '../rationales/methods.ts';
import type { RationaleSettings, StudyDataset } from './settings.ts';

/** Raised whenever the same inputs give other records: old cells are then computed anew. */
export const recordFormat = 1;

/** Returns the cell of the prediction of one example. */
export function predictionCell(
	model: { readonly id: string; readonly identity: string },
	{ id, split, task }: StudyDataset,
	example: Example,
): string {
	return contentId({
		recordFormat,
		kind: 'prediction',
		model: [model.id, model.identity],
		dataset: [id, split],
		task,
		prompt: promptContent(classificationPrompt),
		example: [example.id, example.segments, example.label, example.annotations],
	});
}

/** Returns the cell of what one method says about the example of a prediction. */
export function rationaleCell(
	prediction: string,
	method: MethodId,
	settings: RationaleSettings,
	meanShare: number | null,
): string {
	const { seed, selections, maskings, controlDraws, curve } = settings;
	const rules: readonly string[] = methods[method].kind === 'prompt' ? [...selections, settings.guidedBy] : selections;
	return contentId({
		prediction,
		kind: 'rationale',
		method: [method, methodContent(methods[method], settings)],
		...{ seed, selections, maskings, controlDraws, curve },
		meanShare: rules.includes('top_ratio') ? meanShare : null,
		topK: rules.includes('top_k') ? settings.topK : null,
		...measureContent(settings),
	});
}

/** Flip rates are in every record; cells of studies that ask for nothing else stay what they were. */
function measureContent({ measures }: RationaleSettings): object {
	const asked = measures.filter((measure) => measure !== 'flip_rate').toSorted();
	return asked.length === 0 ? {} : { measures: asked };
}

function methodContent(method: Method, settings: RationaleSettings): unknown {
	if (method.kind === 'reference') return null;
	if (method.kind === 'pass') return [method.output, method.declaration.aggregation, settings.target];
	if (method.kind === 'multiPass') {
		// The tokens belong to the model, whose identity is part of the cell.
		return [method.request({ neutral: 0, everyday: [0] }), method.declaration.aggregation, settings.target];
	}
	if (method.kind !== 'prompt') return settings.perturbation;
	return [promptContent(method.prompt), method.matching, settings.guidedBy, settings.maxAnswerTokens];
}

function promptContent({ id, wording }: { readonly id: string; readonly wording: string }): unknown {
	return [id, wording];
}
