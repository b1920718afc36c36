/** The records of one model on one dataset as what metrics take: an item per example. */
import { missing, scored } from '../core/score.ts';
import type { AlignedExample } from '../evaluation/alignment/alignedExample.ts';
import type { AnnotatedExample } from '../evaluation/alignment/perAnnotator.ts';
import { aggregateAnnotators } from '../evaluation/alignment/annotators.ts';
import { isIn, type MaskedExample } from '../evaluation/faithfulness/maskedExample.ts';
import type { ProbedExample, ProbedPoint } from '../evaluation/faithfulness/probedExample.ts';
import type { PredictedExample } from '../evaluation/prediction/predictedExample.ts';
import type {
	AnsweredShare,
	PredictionRecord,
	Probabilities,
	RationaleRecord,
	SelectionRecord,
	SkippedRecord,
	StudyRecord,
} from '../records/records.ts';

/** `valid`: prompted answers of which at least one item is in the text (docs/methods.md C.4). */
export type SubsetId = 'all' | 'correct' | 'incorrect' | 'valid';

export interface SettingRecords {
	readonly predictions: readonly PredictionRecord[];
	/** Examples the model could not be asked about: missing from every figure over all examples. */
	readonly skipped: readonly SkippedRecord[];
	/** By method, then example. */
	readonly rationales: ReadonlyMap<string, ReadonlyMap<string, RationaleRecord>>;
}

/** Returns the records of one setting, sorted by what they are. */
export function settingRecords(records: readonly StudyRecord[]): SettingRecords {
	const rationales = new Map<string, Map<string, RationaleRecord>>();
	for (const record of records) {
		if (record.kind !== 'rationale') continue;
		const ofMethod = rationales.get(record.method) ?? new Map<string, RationaleRecord>();
		rationales.set(record.method, ofMethod.set(record.example, record));
	}
	return {
		predictions: records.filter((record) => record.kind === 'prediction'),
		skipped: records.filter((record) => record.kind === 'skipped'),
		rationales,
	};
}

export function predictedExamples({ predictions }: SettingRecords, labels: readonly string[]): PredictedExample[] {
	return predictions.map(({ gold, prediction }) => ({ labels, gold, prediction }));
}

/** Returns an item per example of the subset; `selection` null for metrics of the scores alone. */
export function alignedExamples(
	setting: SettingRecords,
	method: string,
	selection: string | null,
	subset: SubsetId,
): AlignedExample[] {
	return pairsOf(setting, method, subset).map(({ prediction, rationale }) => {
		const judged = judgedWords(prediction);
		return {
			wordCount: judged.numbers.length,
			gold: aggregateAnnotators(prediction.annotations.map(judged.among)),
			predicted: judged.amongOrNull(selectionOf(rationale, selection)?.words),
			scores: judged.scores(rationale?.scores ?? null),
		};
	});
}

/** Returns an item per example with two or more annotators. */
export function annotatedExamples(setting: SettingRecords, method: string, selection: string): AnnotatedExample[] {
	return pairsOf(setting, method, 'all')
		.filter(({ prediction }) => prediction.annotations.length >= 2)
		.map(({ prediction, rationale }) => {
			const judged = judgedWords(prediction);
			return {
				wordCount: judged.numbers.length,
				annotations: prediction.annotations.map(judged.among),
				predicted: judged.amongOrNull(selectionOf(rationale, selection)?.words),
			};
		});
}

/** The words of which annotators were asked, numbered anew from 0. */
function judgedWords({ segments, unjudged = [] }: PredictionRecord) {
	const count = segments.reduce((sum, { words }) => sum + words.length, 0);
	const left = new Set(unjudged);
	const numbers = Array.from({ length: count }, (_, number) => number).filter((number) => !left.has(number));
	const place = new Map(numbers.map((number, i) => [number, i]));
	const among = (words: readonly number[]): number[] => words.flatMap((word) => place.get(word) ?? []);
	return {
		numbers,
		among,
		amongOrNull: (words: readonly number[] | undefined): number[] | null => (words === undefined ? null : among(words)),
		scores: (scores: readonly (number | null)[] | null): (number | null)[] | null =>
			scores && numbers.map((number) => scores[number] ?? null),
	};
}

/** Returns an item per example of the subset. */
export function maskedExamples(
	setting: SettingRecords,
	method: string,
	selection: string,
	masking: string,
	subset: SubsetId,
): MaskedExample[] {
	return pairsOf(setting, method, subset).map(({ prediction: { gold, prediction }, rationale }) => {
		const chosen = selectionOf(rationale, selection);
		return { gold, prediction, masked: chosen?.masked[masking] ?? null, control: chosen?.control[masking] ?? [] };
	});
}

/** Returns an item per example of the subset; `selection` null for metrics of the scores alone. */
export function probedExamples(
	setting: SettingRecords,
	method: string,
	selection: string | null,
	masking: string,
	subset: SubsetId,
): ProbedExample[] {
	return pairsOf(setting, method, subset).map(({ prediction: { prediction, probabilities, mass }, rationale }) => {
		const chosen = selectionOf(rationale, selection);
		const probe = rationale?.probes?.[masking];
		const own = (of: Probabilities | null | undefined): number | null => of?.[prediction] ?? null;
		const curve = (points: readonly AnsweredShare[] | undefined): ProbedPoint[] | null =>
			points?.map(({ share, label, probabilities: of }) => ({ share, label, probability: own(of) ?? NaN })) ?? null;
		const tau = probe?.tauLoo ?? null;
		return {
			...{ prediction, full: own(probabilities) ?? NaN, empty: own(probe?.allMasked) },
			masked: own(chosen?.maskedProbabilities?.[masking]),
			kept: own(chosen?.keptProbabilities?.[masking]),
			mass: {
				...{ full: mass, masked: chosen?.maskedMass?.[masking] ?? null },
				kept: chosen?.keptMass?.[masking] ?? null,
			},
			control: chosen?.controlProbability?.[masking] ?? [],
			...{ maskedCurve: curve(probe?.masked), keptCurve: curve(probe?.kept) },
			bounds: probe?.bounds ?? null,
			soft: rationale?.soft ?? { missing: 'not asked' },
			tauLoo: tau === null ? missing(rationale?.scores ? 'scores or drops are all equal' : 'no scores') : scored(tau),
		};
	});
}

/** Returns the share of all random draws that change the prediction, null where nothing was drawn. */
export function randomFlipRate({ predictions, rationales }: SettingRecords, masking: string): number | null {
	const flips = predictions.flatMap(({ example, prediction }) =>
		[...rationales.values()].flatMap((ofMethod) =>
			(ofMethod.get(example)?.selections ?? []).flatMap(({ control }) =>
				(control[masking] ?? []).map((label) => label !== prediction),
			),
		),
	);
	return flips.length === 0 ? null : flips.filter((flipped) => flipped).length / flips.length;
}

interface Pair {
	readonly prediction: PredictionRecord;
	readonly rationale: RationaleRecord | undefined;
}

function pairsOf({ predictions, rationales }: SettingRecords, method: string, subset: SubsetId): Pair[] {
	return predictions
		.map((prediction) => ({ prediction, rationale: rationales.get(method)?.get(prediction.example) }))
		.filter(({ prediction, rationale }) => {
			if (subset !== 'valid') return isIn(subset, prediction);
			return rationale?.answer?.status === 'ok' || rationale?.answer?.status === 'partial';
		});
}

function selectionOf(rationale: RationaleRecord | undefined, selection: string | null): SelectionRecord | undefined {
	return rationale?.selections.find((record) => record.selection === selection);
}
