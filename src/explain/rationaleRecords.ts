/** What one method says about one example, as its record: from predictions of masked prompts to the record; pure. */
import { itemAt } from '../core/present.ts';
import type {
	MaskedAnswer,
	MaskedAnswers,
	MaskedAnswerSeries,
	SearchResults,
} from '../evaluation/faithfulness/maskedProbabilities.ts';
import { chosenMasked, type MaskedText, randomMasked } from '../evaluation/faithfulness/maskedText.ts';
import { maskedTextsOf, probabilityMeasuresOf } from '../evaluation/faithfulness/measures.ts';
import { groupBy } from '../core/groupBy.ts';
import type { RationaleRecord, SelectionRecord, SoftRecord } from '../records/records.ts';
import type { MaskedPrediction, MaskedPredictions } from './masked/maskedPredictions.ts';
import type { MaskedRationale, MaskedSelection, TextPrompts } from './masked/maskedRationale.ts';
import type { Explanation } from './context.ts';
import type { RationaleSettings } from './settings.ts';

/** What a record begins with. */
export type RationaleKey = Pick<
	RationaleRecord,
	'cell' | 'model' | 'dataset' | 'split' | 'epoch' | 'example' | 'method'
>;

/** What the model predicts about one example. */
export interface PredictedPrompts {
	/** On the full text. */
	readonly label: string;
	readonly predictions: MaskedPredictions;
}

/** What was asked beside the masked prompts; null where no measure asks for it. */
export interface AskedBeside {
	readonly soft: SoftRecord | null;
	/** By masking. */
	readonly searched: Readonly<Record<string, SearchResults>> | null;
}

/** Returns the record of a method that says nothing about the example. */
export function missingRationale({ method, ...key }: RationaleKey, reason: string): RationaleRecord {
	return {
		kind: 'rationale',
		...key,
		method,
		scores: null,
		missing: reason,
		answer: null,
		selections: [],
		curve: null,
	};
}

/** Returns the record of an explanation whose masked prompts were asked about. */
export function rationaleRecord(
	{ measures }: RationaleSettings,
	{ method, ...key }: RationaleKey,
	{ attribution, answer, diagnostics }: Exclude<Explanation, { readonly missing: string }>,
	masked: MaskedRationale,
	{ soft, searched }: AskedBeside,
	predicted: PredictedPrompts,
): RationaleRecord {
	const names = new Set(maskedTextsOf(probabilityMeasuresOf(measures)).map(({ name }) => name));
	const answers = answersOf(masked.texts, names, predicted);
	const hasScores = attribution.own === null;
	return {
		kind: 'rationale',
		...key,
		method,
		scores: hasScores ? attribution.scores : null,
		missing: null,
		answer,
		...(diagnostics === null ? {} : { diagnostics }),
		selections: masked.selections.map((selection) => selectionRecord(selection, names, predicted)),
		curve: masked.curve && curveOf(masked.curve, predicted),
		...(answers === null ? {} : { answers }),
		...(searched === null || !hasScores ? {} : { searches: searched }),
		...(soft === null ? {} : { soft }),
	};
}

function curveOf(curve: NonNullable<MaskedRationale['curve']>, { predictions }: PredictedPrompts) {
	return curve.flatMap(({ share, prompts: [prompt] }) => {
		const prediction = prompt == null ? null : predictions(prompt);
		return prediction === null ? [] : [{ share, label: prediction.label }];
	});
}

/** Labels are in every record; answers with probabilities where a measure asks for them. */
function selectionRecord(
	{ selection, words, ties, texts }: MaskedSelection,
	names: ReadonlySet<string>,
	predicted: PredictedPrompts,
): SelectionRecord {
	const labels = (wanted: MaskedText): [string, string[]][] =>
		texts
			.filter(({ text }) => text.name === wanted.name)
			.map((own) => [own.masking, predictionsOf(own, predicted).flatMap((prediction) => prediction?.label ?? [])]);
	const answers = answersOf(texts, names, predicted);
	return {
		selection,
		words,
		ties,
		masked: Object.fromEntries(
			labels(chosenMasked).flatMap(([masking, [label]]) => (label === undefined ? [] : [[masking, label]])),
		),
		control: Object.fromEntries(labels(randomMasked)),
		...(answers === null ? {} : { answers }),
	};
}

/** Returns the answers by masking and name; null where none of these names is asked about. */
function answersOf(
	texts: readonly TextPrompts[],
	names: ReadonlySet<string>,
	predicted: PredictedPrompts,
): Readonly<Record<string, MaskedAnswers>> | null {
	const asked = texts.filter(({ text }) => names.has(text.name));
	if (asked.length === 0) return null;
	const byMasking = [...groupBy(asked, ({ masking }) => masking)].map(([masking, own]) => {
		const answers = own.flatMap((prompts) => {
			const answer = answerTo(prompts, predicted);
			return answer === null ? [] : [[prompts.text.name, answer] as const];
		});
		return [masking, Object.fromEntries(answers)] as const;
	});
	return Object.fromEntries(byMasking);
}

function answerTo(prompts: TextPrompts, predicted: PredictedPrompts): MaskedAnswer | MaskedAnswerSeries | null {
	const predictions = predictionsOf(prompts, predicted);
	if (!('series' in prompts.text)) return itemAt(predictions, 0);
	return {
		labels: predictions.map((prediction) => prediction?.label ?? null),
		probabilities: predictions.map((prediction) => prediction?.probabilities[predicted.label] ?? null),
	};
}

function predictionsOf({ prompts }: TextPrompts, { predictions }: PredictedPrompts): (MaskedPrediction | null)[] {
	return prompts.map((prompt) => (prompt === null ? null : predictions(prompt)));
}
