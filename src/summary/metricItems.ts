/** The records of one model on one dataset as what metrics take: an item per example. */
import type { AlignedExample } from '../evaluation/alignment/alignedExample.ts';
import type { AnnotatedExample } from '../evaluation/alignment/perAnnotator.ts';
import { aggregateAnnotators } from '../evaluation/alignment/annotators.ts';
import { isIn, type MaskedExample } from '../evaluation/faithfulness/maskedExample.ts';
import type { CurvedExample } from '../evaluation/faithfulness/flipCurve.ts';
import type { MaskedProbabilities } from '../evaluation/faithfulness/maskedProbabilities.ts';
import type { PredictedExample } from '../evaluation/prediction/predictedExample.ts';
import type { MethodId } from '../rationales/methods.ts';
import type {
	PredictionRecord,
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
	/** The words that count in each text, worked out once for all methods; filled as they are asked for. */
	readonly judged: WeakMap<PredictionRecord, JudgedText>;
}

/** The words of which annotators were asked, numbered anew from 0. */
interface JudgedText {
	readonly wordCount: number;
	/** Their old numbers; null where they are all words. */
	readonly numbers: readonly number[] | null;
	readonly annotations: readonly (readonly number[])[];
	readonly gold: readonly number[];
	/** Returns the words among them, by their new numbers. */
	readonly among: (words: readonly number[]) => readonly number[];
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
		judged: new WeakMap(),
	};
}

export function predictedExamples({ predictions }: SettingRecords, labels: readonly string[]): PredictedExample[] {
	return predictions.map(({ gold, prediction, mass, likeliest }) => ({
		labels,
		gold,
		prediction,
		mass,
		...(likeliest === undefined ? {} : { likeliest }),
	}));
}

/** Returns an item per example of the subset; `selection` null for metrics of the scores alone. */
export function alignedExamples(
	setting: SettingRecords,
	method: string,
	selection: string | null,
	subset: SubsetId,
): AlignedExample[] {
	return pairsOf(setting, method, subset).map(({ prediction, rationale }) => {
		const judged = judgedText(setting, prediction);
		const words = selectionOf(rationale, selection)?.words;
		return {
			wordCount: judged.wordCount,
			gold: judged.gold,
			predicted: words === undefined ? null : judged.among(words),
			scores: scoresAmong(judged, rationale?.scores ?? null),
		};
	});
}

/** Returns an item per example with two or more annotators. */
export function annotatedExamples(setting: SettingRecords, method: string, selection: string): AnnotatedExample[] {
	return pairsOf(setting, method, 'all')
		.filter(({ prediction }) => prediction.annotations.length >= 2)
		.map(({ prediction, rationale }) => {
			const judged = judgedText(setting, prediction);
			const words = selectionOf(rationale, selection)?.words;
			return {
				wordCount: judged.wordCount,
				annotations: judged.annotations,
				predicted: words === undefined ? null : judged.among(words),
			};
		});
}

function judgedText({ judged }: SettingRecords, prediction: PredictionRecord): JudgedText {
	const found = judged.get(prediction) ?? judge(prediction);
	judged.set(prediction, found);
	return found;
}

function judge({ segments, unjudged = [], annotations: marked }: PredictionRecord): JudgedText {
	const count = segments.reduce((sum, { words }) => sum + words.length, 0);
	const left = new Set(unjudged);
	const numbers = Array.from({ length: count }, (_, number) => number).filter((number) => !left.has(number));
	const place = new Map(numbers.map((number, i) => [number, i]));
	const among = (words: readonly number[]): readonly number[] =>
		left.size === 0 ? words : words.flatMap((word) => place.get(word) ?? []);
	const annotations = marked.map(among);
	return {
		wordCount: numbers.length,
		numbers: left.size === 0 ? null : numbers,
		annotations,
		gold: aggregateAnnotators(annotations),
		among,
	};
}

function scoresAmong(
	{ numbers }: JudgedText,
	scores: readonly (number | null)[] | null,
): readonly (number | null)[] | null {
	return scores === null || numbers === null ? scores : numbers.map((number) => scores[number] ?? null);
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
export function maskedProbabilities(
	setting: SettingRecords,
	method: string,
	selection: string | null,
	masking: string,
	subset: SubsetId,
): MaskedProbabilities[] {
	return pairsOf(setting, method, subset).map(({ prediction: { prediction, probabilities, mass }, rationale }) => ({
		prediction,
		full: probabilities[prediction] ?? NaN,
		mass,
		scores: rationale?.scores ?? null,
		answers: { ...rationale?.answers?.[masking], ...selectionOf(rationale, selection)?.answers?.[masking] },
		searches: rationale?.searches?.[masking] ?? {},
		soft: rationale?.soft ?? { missing: 'not asked' },
	}));
}

/** Returns an item per example; random order is that of the method `random`, where the study has it. */
export function curvedExamples(setting: SettingRecords, method: string): CurvedExample[] {
	const random = setting.rationales.get('random' satisfies MethodId);
	return pairsOf(setting, method, 'all').map(({ prediction: { example, prediction }, rationale }) => ({
		prediction,
		curve: rationale?.curve ?? null,
		random: random?.get(example)?.curve ?? null,
	}));
}

/** Returns the share of all random draws that change the prediction, null where nothing was drawn. */
export function randomFlipRate({ predictions, rationales }: SettingRecords, masking: string): number | null {
	let drawn = 0;
	let flipped = 0;
	for (const { example, prediction } of predictions) {
		for (const ofMethod of rationales.values()) {
			for (const { control } of ofMethod.get(example)?.selections ?? []) {
				for (const label of control[masking] ?? []) {
					drawn++;
					if (label !== prediction) flipped++;
				}
			}
		}
	}
	return drawn === 0 ? null : flipped / drawn;
}

interface Pair {
	readonly prediction: PredictionRecord;
	readonly rationale: RationaleRecord | undefined;
}

function pairsOf({ predictions, rationales }: SettingRecords, method: string, subset: SubsetId): Pair[] {
	const ofMethod = rationales.get(method);
	const pairs: Pair[] = [];
	for (const prediction of predictions) {
		const rationale = ofMethod?.get(prediction.example);
		const status = rationale?.answer?.status;
		const counts = subset === 'valid' ? status === 'ok' || status === 'partial' : isIn(subset, prediction);
		if (counts) pairs.push({ prediction, rationale });
	}
	return pairs;
}

function selectionOf(rationale: RationaleRecord | undefined, selection: string | null): SelectionRecord | undefined {
	return rationale?.selections.find((record) => record.selection === selection);
}
