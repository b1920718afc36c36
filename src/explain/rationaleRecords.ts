/** What one method says about one example, as its record: from predictions of masked prompts to the record; pure. */
import { kendallTauB } from '../evaluation/statistics/kendall.ts';
import { hasValue } from '../core/score.ts';
import {
	bestKept,
	bestMasked,
	chosenKept,
	chosenMasked,
	oneWord,
	randomMasked,
	type MaskedText,
	allMasked,
} from '../evaluation/faithfulness/maskedText.ts';
import { type ProbabilityMeasure, probabilityMeasuresOf, sharesOf } from '../evaluation/faithfulness/measures.ts';
import type { MaskingId } from '../rationales/masking.ts';
import type {
	AnsweredShare,
	ProbedSelection,
	ProbeRecord,
	RationaleRecord,
	SelectionRecord,
} from '../records/records.ts';
import type { MaskedPrediction, MaskedPredictions } from './masked/maskedPredictions.ts';
import type { MaskedRationale, MaskedSelection, TextPrompts } from './masked/maskedRationale.ts';
import type { ClassifiedExample, Explanation } from './context.ts';
import type { RationaleSettings } from './settings.ts';

/** What a record begins with. */
export type RationaleKey = Pick<
	RationaleRecord,
	'cell' | 'model' | 'dataset' | 'split' | 'epoch' | 'example' | 'method'
>;

/** One example, and what the model predicts of its masked prompts. */
export interface PredictedPrompts {
	readonly example: ClassifiedExample;
	/** The label predicted on the full text. */
	readonly label: string;
	readonly predictions: MaskedPredictions;
}

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
	settings: RationaleSettings,
	{ method, ...key }: RationaleKey,
	{ attribution, answer, diagnostics }: Exclude<Explanation, { readonly missing: string }>,
	masked: MaskedRationale,
	predicted: PredictedPrompts,
): RationaleRecord {
	const probes = probesOf(settings, masked, attribution.own === null ? (attribution.scores ?? []) : null, predicted);
	return {
		kind: 'rationale',
		...key,
		method,
		scores: attribution.own === null ? attribution.scores : null,
		missing: null,
		answer,
		...(diagnostics === null ? {} : { diagnostics }),
		selections: masked.selections.map((selection) => selectionRecord(settings, selection, predicted)),
		curve: masked.curve && curveOf(masked.curve, predicted),
		...(probes === null ? {} : { probes }),
	};
}

function curveOf(curve: NonNullable<MaskedRationale['curve']>, { predictions }: PredictedPrompts) {
	return curve.flatMap(({ share, prompts: [prompt] }) => {
		const prediction = prompt == null ? null : predictions(prompt);
		return prediction === null ? [] : [{ share, label: prediction.label }];
	});
}

function selectionRecord(
	settings: RationaleSettings,
	{ selection, words, ties, texts }: MaskedSelection,
	predicted: PredictedPrompts,
): SelectionRecord {
	const of = (masking: MaskingId, text: MaskedText) => predictionsOf(texts, masking, text, predicted);
	const first = (masking: MaskingId, text: MaskedText): MaskedPrediction | null => of(masking, text)[0] ?? null;
	return {
		selection,
		words,
		ties,
		masked: perMasking(settings, (masking) => first(masking, chosenMasked)?.label ?? null),
		control: perMasking(settings, (masking) =>
			of(masking, randomMasked).flatMap((prediction) => prediction?.label ?? []),
		),
		...probedSelection(settings, of, first, predicted),
	};
}

function probedSelection(
	settings: RationaleSettings,
	of: (masking: MaskingId, text: MaskedText) => readonly (MaskedPrediction | null)[],
	first: (masking: MaskingId, text: MaskedText) => MaskedPrediction | null,
	{ label }: PredictedPrompts,
): ProbedSelection {
	const measures = probabilityMeasuresOf(settings.measures);
	if (!measures.some(({ ofChoice }) => ofChoice.length > 0)) return {};
	const keeps = measures.some(({ keepsChoice }) => keepsChoice);
	return {
		maskedProbabilities: perMasking(settings, (masking) => first(masking, chosenMasked)?.probabilities ?? null),
		maskedMass: perMasking(settings, (masking) => first(masking, chosenMasked)?.mass ?? null),
		...(keeps && {
			keptProbabilities: perMasking(settings, (masking) => first(masking, chosenKept)?.probabilities ?? null),
			keptMass: perMasking(settings, (masking) => first(masking, chosenKept)?.mass ?? null),
		}),
		controlProbability: perMasking(settings, (masking) =>
			of(masking, randomMasked).flatMap((prediction) => prediction?.probabilities[label] ?? []),
		),
	};
}

function probesOf(
	settings: RationaleSettings,
	{ texts }: MaskedRationale,
	scores: readonly (number | null)[] | null,
	predicted: PredictedPrompts,
): Readonly<Record<string, ProbeRecord>> | null {
	const measures = probabilityMeasuresOf(settings.measures);
	if (measures.length === 0) return null;
	return perMasking(settings, (masking) =>
		probeOf(measures, scores, (text) => predictionsOf(texts, masking, text, predicted), predicted),
	);
}

function probeOf(
	measures: readonly ProbabilityMeasure[],
	scores: readonly (number | null)[] | null,
	of: (text: MaskedText) => readonly (MaskedPrediction | null)[],
	predicted: PredictedPrompts,
): ProbeRecord {
	const all = of(allMasked)[0]?.probabilities ?? null;
	if (scores === null) return { allMasked: all };
	const curve = (side: 'masked' | 'kept'): AnsweredShare[] =>
		sharesOf(measures, side).flatMap((share) => {
			const [answer = null] = of(side === 'masked' ? bestMasked(share) : bestKept(share));
			return answer === null ? [] : [{ share, label: answer.label, probabilities: answer.probabilities }];
		});
	const tau = measures.some(({ leavesOneOut }) => leavesOneOut) && {
		tauLoo: tauLooOf(scores, of(oneWord), predicted),
	};
	return { allMasked: all, masked: curve('masked'), kept: curve('kept'), ...tau };
}

/** Returns Kendall's tau-b of the scores with what masking each word takes from the probability; null where undefined. */
function tauLooOf(
	scores: readonly (number | null)[],
	withoutWord: readonly (MaskedPrediction | null)[],
	{ example, label, predictions }: PredictedPrompts,
): number | null {
	const full = predictions({ ids: example.prompt.ids, blocked: [] })?.probabilities[label] ?? null;
	const pairs = withoutWord.flatMap((prediction, word) => {
		const left = prediction?.probabilities[label] ?? null;
		const score = scores[word] ?? null;
		return full === null || left === null || score === null ? [] : [{ score, drop: full - left }];
	});
	const tau = kendallTauB(
		pairs.map(({ score }) => score),
		pairs.map(({ drop }) => drop),
	);
	return hasValue(tau) ? tau.value : null;
}

function predictionsOf(
	texts: readonly TextPrompts[],
	masking: MaskingId,
	{ name }: MaskedText,
	{ predictions }: PredictedPrompts,
): (MaskedPrediction | null)[] {
	const found = texts.find((own) => own.masking === masking && own.text.name === name);
	return (found?.prompts ?? []).map((prompt) => (prompt === null ? null : predictions(prompt)));
}

/** Returns the values by masking; those that are null are left out. */
function perMasking<T>(
	{ maskings }: RationaleSettings,
	value: (masking: MaskingId) => T | null,
): Readonly<Record<string, T>> {
	return Object.fromEntries(
		maskings.flatMap((masking) => {
			const found = value(masking);
			return found === null ? [] : [[masking, found]];
		}),
	);
}
