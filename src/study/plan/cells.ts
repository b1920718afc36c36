/**
 * Cell ids: the hash of what decides a record's content. Left out is what does not: batch size, folders, the bootstrap,
 * and everything about other models, datasets and methods.
 */
import type { Aggregation } from '../../core/declarations.ts';
import type { Example } from '../../core/example.ts';
import { contentId } from '../../core/ids.ts';
import { classificationPrompt } from '../../prompts/classification.ts';
import type { Method } from '../../rationales/method.ts';
import { matchedMethod, type MethodId, methods } from '../../rationales/methods.ts';
import type { SelectionId } from '../../rationales/selection.ts';
import type { RationaleSettings } from '../../explain/settings.ts';
import type { MultiPassMethod, PassMethod } from '../../llm/attribution/method.ts';
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
		...{ seed, selections, maskings, controlDraws, curve },
		meanShare: rules.includes('top_ratio') ? meanShare : null,
		topK: rules.includes('top_k') ? settings.topK : null,
		...measureContent(settings),
		...matchedContent(settings),
		...(selections.includes('threshold') ? { threshold: settings.threshold } : {}),
		...(selections.includes('contiguous') ? { guidedBy: settings.guidedBy } : {}),
	});
}

/** Returns the rules, beside those of the selections, that give the method or a selection a number of words. */
function countRules(method: Method, { selections, guidedBy }: RationaleSettings): SelectionId[] {
	const asked = method.kind === 'prompt' ? [method.guidedBy ?? guidedBy] : [];
	return selections.includes('contiguous') ? [...asked, guidedBy] : asked;
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
	if (method.kind === 'reference') return null;
	if (method.kind === 'pass') {
		const read = [method.output, aggregationOf(method, settings), settings.target];
		return [...read, ...attentionContent(method, settings), ...unitContent(settings)];
	}
	if (method.kind === 'multiPass') {
		// The tokens belong to the model, whose identity is part of the cell.
		const request = method.request({ neutral: 0, commonWords: [0] });
		return [request, aggregationOf(method, settings), settings.target, ...unitContent(settings)];
	}
	if (method.kind !== 'prompt') return settings.perturbation;
	const form = [
		...(method.isConstrained === true ? ['constrained'] : []),
		...(method.reading === undefined ? [] : [method.reading]),
	];
	const guidedBy = method.guidedBy ?? settings.guidedBy;
	return [promptContent(method.prompt), method.matching, guidedBy, settings.maxAnswerTokens, ...form];
}

function aggregationOf({ declaration }: PassMethod | MultiPassMethod, { aggregation }: RationaleSettings): Aggregation {
	return aggregation ?? declaration.aggregation;
}

/** Nothing where scores are given to words. */
function unitContent({ unit = 'word' }: RationaleSettings): unknown[] {
	return unit === 'word' ? [] : [{ unit }];
}

/** Nothing where it is the last layer and all heads. */
function attentionContent({ output }: PassMethod, { attention }: RationaleSettings): unknown[] {
	const isDefault = attention === undefined || (attention.layers === 'last' && attention.heads === 'all');
	return output !== 'attention' || isDefault ? [] : [attention];
}

function promptContent({ id, wording }: { readonly id: string; readonly wording: string }): unknown {
	return [id, wording];
}
