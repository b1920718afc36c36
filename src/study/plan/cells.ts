/**
 * Cell ids: the hash of what decides a record's content. Left out is what does not: batch size, folders, the bootstrap,
 * and everything about other models, datasets and methods.
 */
import type { Example } from '../../core/example.ts';
import { contentId } from '../../core/ids.ts';
import { kindOf } from '../../explain/methodKinds.ts';
import { classificationPrompt } from '../../prompts/classification.ts';
import { promptContent } from '../../prompts/prompt.ts';
import type { Method } from '../../rationales/method.ts';
import { matchedMethod, type MethodId, methods } from '../../rationales/methods.ts';
import type { SelectionId } from '../../rationales/selection.ts';
import type { RationaleSettings } from '../../explain/settings.ts';
import { recordFormat } from '../../records/recordFormat.ts';
import type { StudyDataset } from '../data/studyDataset.ts';

/** Returns the cell of the prediction of one example. */
export function predictionCell(
	model: { readonly id: string; readonly identity: string; readonly epoch?: number | null },
	{ id, split, task }: StudyDataset,
	example: Example,
): string {
	return contentId({
		recordFormat,
		kind: 'prediction',
		model: [model.id, model.identity, ...(model.epoch == null ? [] : [model.epoch])],
		dataset: [id, split],
		task,
		prompt: promptContent(classificationPrompt),
		example: [example.id, example.segments, example.label, example.annotations, ...questionContent(example)],
	});
}

/** What annotators were asked, where that is not about all of the text and the gold label alone. */
function questionContent({ unjudged, foil }: Example): object[] {
	return unjudged === undefined && foil === undefined ? [] : [{ unjudged: unjudged ?? null, foil: foil ?? null }];
}

/** Returns the cell of what one method says about the example of a prediction. */
export function rationaleCell(
	prediction: string,
	method: MethodId,
	settings: RationaleSettings,
	meanShare: number | null,
): string {
	const { seed, selections, maskings, controlDraws, curve } = settings;
	const rules = [...selections, ...countRules(methods[method], settings)];
	return contentId({
		prediction,
		kind: 'rationale',
		method: [method, methodContent(methods[method], settings)],
		seed,
		selections,
		maskings,
		controlDraws,
		curve,
		meanShare: rules.includes('top_ratio') ? meanShare : null,
		topK: rules.includes('top_k') ? settings.topK : null,
		...measureContent(settings),
		...matchedContent(settings),
		...(rules.includes('top_share') ? { topShare: settings.topShare } : {}),
		...(selections.includes('threshold') ? { threshold: settings.threshold } : {}),
		...(selections.includes('contiguous') ? { guidedBy: settings.guidedBy } : {}),
	});
}

/** Returns the rules, beside those of the selections, that give the method or a selection a number of words. */
function countRules(method: Method, settings: RationaleSettings): SelectionId[] {
	const asked = kindOf(method).countRules(method, settings);
	return settings.selections.includes('contiguous') ? [...asked, settings.guidedBy] : [...asked];
}

/** Flip rates are in every record; cells of studies that ask for nothing else stay what they were. */
function measureContent({ measures }: RationaleSettings): object {
	const asked = measures.filter((measure) => measure !== 'flip_rate').toSorted();
	return asked.length === 0 ? {} : { measures: asked, form: 'with masses' };
}

/** Selection `matched` depends on what another method says. */
function matchedContent(settings: RationaleSettings): object {
	const matched = settings.selections.includes('matched') ? matchedMethod(settings.methods) : null;
	return matched === null ? {} : { matched: [matched, methodContent(methods[matched], settings)] };
}

function methodContent(method: Method, settings: RationaleSettings): unknown {
	return kindOf(method).content(method, settings);
}
