/** The records of one model on one dataset as what metrics take: an item per example. */
import { itemAt } from '../core/present.ts';
import type { AlignedExample } from '../evaluation/alignment/alignedExample.ts';
import type { AnnotatedExample } from '../evaluation/alignment/perAnnotator.ts';
import { aggregateAnnotators } from '../evaluation/alignment/annotators.ts';
import { sharedOverlap } from '../evaluation/alignment/overlap.ts';
import { sharedTies } from '../evaluation/alignment/ranking.ts';
import { isIn, type MaskedExample } from '../evaluation/faithfulness/maskedExample.ts';
import type { CurvedExample } from '../evaluation/faithfulness/flipCurve.ts';
import type { MaskedProbabilities } from '../evaluation/faithfulness/maskedProbabilities.ts';
import type { Metric } from '../evaluation/metric.ts';
import { type Summands, summandsOf } from '../evaluation/summands.ts';
import type { PredictedExample } from '../evaluation/prediction/predictedExample.ts';
import type { MethodId } from '../rationales/methods.ts';
import { requireWordsOfText } from './recordWords.ts';
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
	/** What is worked out once for all that ask for it; filled as it is asked for. */
	readonly known: Known;
}

interface Known {
	/** The words that count in each text. */
	readonly judged: Map<PredictionRecord, JudgedText>;
	/** What all predictions add to a metric, by metric, method, selection and masking. */
	readonly summands: Map<string, Summands>;
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
	/** Chance values of its marked words, for all methods (see `AlignedExample`). */
	readonly spansByChance: Map<string, readonly [number, number]>;
}

/** Returns the records of one setting, sorted by what they are. Throws `UserError` where they do not fit together. */
export function settingRecords(records: readonly StudyRecord[]): SettingRecords {
	const rationales = new Map<string, Map<string, RationaleRecord>>();
	for (const record of records) {
		if (record.kind !== 'rationale') continue;
		const ofMethod = rationales.get(record.method) ?? new Map<string, RationaleRecord>();
		rationales.set(record.method, ofMethod.set(record.example, record));
	}
	const predictions = records.filter((record) => record.kind === 'prediction');
	for (const prediction of predictions) {
		requireWordsOfText(
			prediction,
			[...rationales.values()].flatMap((ofMethod) => ofMethod.get(prediction.example) ?? []),
		);
	}
	return {
		predictions,
		skipped: records.filter((record) => record.kind === 'skipped'),
		rationales,
		known: nothingKnown(),
	};
}

/** Returns the records with other predictions in place of theirs. */
export function withPredictions(setting: SettingRecords, predictions: readonly PredictionRecord[]): SettingRecords {
	return { ...setting, predictions, known: nothingKnown() };
}

function nothingKnown(): Known {
	return { judged: new Map(), summands: new Map() };
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
		const example = {
			wordCount: judged.wordCount,
			gold: judged.gold,
			predicted: words === undefined ? null : judged.among(words),
			scores: scoresAmong(judged, rationale?.scores ?? null),
			spansByChance: judged.spansByChance,
		};
		return selection === null ? sharedTies(example) : sharedOverlap(example);
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

function judgedText({ known: { judged } }: SettingRecords, prediction: PredictionRecord): JudgedText {
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
		spansByChance: new Map(),
	};
}

function scoresAmong(
	{ numbers }: JudgedText,
	scores: readonly (number | null)[] | null,
): readonly (number | null)[] | null {
	return scores === null || numbers === null ? scores : numbers.map((number) => itemAt(scores, number));
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

/** A rationale of every text, as it is cut and masked. */
export interface RationaleKey {
	readonly method: string;
	/** Null for scores. */
	readonly selection: string | null;
	/** Null for what no masking has a part in. */
	readonly masking: string | null;
}

/** Returns what all predictions add to each metric; `itemsOf` makes their items, unless all is known. */
export function summandsIn<Item>(
	{ known }: SettingRecords,
	{ method, selection, masking }: RationaleKey,
	metrics: readonly Metric<Item>[],
	itemsOf: () => readonly Item[],
): Summands[] {
	let items: readonly Item[] | null = null;
	return metrics.map((metric) => {
		const key = JSON.stringify([metric.declaration.id, method, selection, masking]);
		const found = known.summands.get(key) ?? summandsOf(metric, (items ??= itemsOf()));
		known.summands.set(key, found);
		return found;
	});
}

/** Returns the numbers of the predictions that are in the subset, null where these are all. */
export function rowsOf(setting: SettingRecords, method: string, subset: SubsetId): Uint32Array | null {
	if (subset === 'all') return null;
	return Uint32Array.from(
		setting.predictions.flatMap((prediction, i) => (counts(setting, method, subset, prediction) ? [i] : [])),
	);
}

function counts(setting: SettingRecords, method: string, subset: SubsetId, prediction: PredictionRecord): boolean {
	if (subset !== 'valid') return isIn(subset, prediction);
	const status = rationaleOf(setting, method, prediction)?.answer?.status;
	return status === 'ok' || status === 'partial';
}

interface Pair {
	readonly prediction: PredictionRecord;
	readonly rationale: RationaleRecord | undefined;
}

function pairsOf(setting: SettingRecords, method: string, subset: SubsetId): Pair[] {
	const pairs: Pair[] = [];
	for (const prediction of setting.predictions) {
		if (!counts(setting, method, subset, prediction)) continue;
		pairs.push({ prediction, rationale: rationaleOf(setting, method, prediction) });
	}
	return pairs;
}

function rationaleOf(
	{ rationales }: SettingRecords,
	method: string,
	{ example }: PredictionRecord,
): RationaleRecord | undefined {
	return rationales.get(method)?.get(example);
}

function selectionOf(rationale: RationaleRecord | undefined, selection: string | null): SelectionRecord | undefined {
	return rationale?.selections.find((record) => record.selection === selection);
}
