/** Records as a folder that ERASER's scorer reads: `docs/`, `<split>.jsonl` and `predictions.jsonl` (DeYoung et al. 2020). */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InternalError, UserError } from '../core/errors.ts';
import { aggregateAnnotators } from '../evaluation/alignment/annotators.ts';
import { maximalSpans, type WordRange } from '../evaluation/alignment/spans.ts';
import { answerTo, eraserBins, type MaskedAnswers } from '../evaluation/faithfulness/maskedProbabilities.ts';
import {
	bestKept,
	bestMasked,
	chosenKept,
	chosenMasked,
	type SingleText,
} from '../evaluation/faithfulness/maskedText.ts';
import type { PredictionRecord, RationaleRecord, SelectionRecord, StudyRecord } from '../records/records.ts';
import { settingRecords } from '../summary/metricItems.ts';

export interface EraserExport {
	/** Of one model on one split of one dataset. */
	readonly records: readonly StudyRecord[];
	readonly split: string;
	readonly method: string;
	/** Whose words are the hard predictions. */
	readonly selection: string;
	/** Under which comprehensiveness and sufficiency were measured. */
	readonly masking: string;
}

export interface EraserFiles {
	/** Text by path. */
	readonly files: ReadonlyMap<string, string>;
	/** Examples that ERASER's format cannot hold, with the reason: they are in no file. */
	readonly leftOut: readonly { readonly example: string; readonly reason: string }[];
}

/** Half-open range of tokens, as ERASER names it. */
export interface EraserSpan {
	readonly start_token: number;
	readonly end_token: number;
}

/** One document's rationale, with its length in tokens. */
export interface EraserRationale {
	readonly docid: string;
	readonly length: number;
	readonly hard: readonly EraserSpan[];
	readonly soft: readonly number[] | null;
}

interface Exported {
	readonly prediction: PredictionRecord;
	readonly rationale: RationaleRecord;
	readonly chosen: SelectionRecord;
}

/**
 * Returns the folder's files. Optional fields (scores, comprehensiveness, sufficiency, thresholds) are there for all
 * examples or for none, as the scorer requires. Throws a `UserError` where no example can be written.
 */
export function eraserFiles(request: EraserExport): EraserFiles {
	const { exported, leftOut } = exportable(request);
	if (exported.length === 0) {
		throw new UserError(
			`No example of method "${request.method}" with selection "${request.selection}" can be written for ERASER (${leftOut[0]?.reason ?? 'no records'}).`,
		);
	}
	const fields = fieldsOf(exported, request.masking);
	const lines = (of: (item: Exported) => object): string =>
		exported.map((item) => `${JSON.stringify(of(item))}\n`).join('');
	const documents = exported.flatMap(({ prediction }) =>
		documentsOf(prediction).map(({ docid, text }) => [`docs/${docid}`, text] as const),
	);
	return {
		files: new Map([
			...documents,
			[`${request.split}.jsonl`, lines(({ prediction }) => annotationLine(prediction))],
			['predictions.jsonl', lines((item) => predictionLine(item, fields, request.masking))],
		]),
		leftOut,
	};
}

/** Writes the files into a folder; files of the same names are replaced. */
export async function writeEraserFolder(folder: string, { files }: EraserFiles): Promise<void> {
	for (const [name, text] of files) {
		const path = join(folder, name);
		await mkdir(dirname(path), { recursive: true });
		await writeFile(path, text);
	}
}

function exportable({
	records,
	method,
	selection,
}: EraserExport): Pick<EraserFiles, 'leftOut'> & { exported: Exported[] } {
	const { predictions, skipped, rationales } = settingRecords(records);
	const exported: Exported[] = [];
	const leftOut = skipped.map(({ example, reason }) => ({ example, reason }));
	for (const prediction of predictions) {
		const { example, gold } = prediction;
		const rationale = rationales.get(method)?.get(example);
		const chosen = rationale?.selections.find((own) => own.selection === selection);
		if (gold === null) leftOut.push({ example, reason: 'no gold label' });
		else if (rationale === undefined || chosen === undefined) leftOut.push({ example, reason: 'no rationale' });
		else exported.push({ prediction, rationale, chosen });
	}
	return { exported, leftOut };
}

/** Which optional fields all examples have. */
interface Fields {
	readonly scores: boolean;
	readonly probabilities: boolean;
	readonly thresholds: boolean;
}

/** Thresholded scores need the probabilities of the rationale too. */
function fieldsOf(exported: readonly Exported[], masking: string): Fields {
	const probabilities = exported.every(({ chosen }) => {
		const answers = chosen.answers?.[masking];
		return distributionOf(answers, chosenMasked) !== undefined && distributionOf(answers, chosenKept) !== undefined;
	});
	return {
		scores: exported.every(({ rationale }) => rationale.scores?.some((score) => score !== null) ?? false),
		probabilities,
		thresholds:
			probabilities &&
			exported.every(({ rationale }) => {
				const answers = rationale.answers?.[masking];
				const texts = eraserBins.flatMap((bin) => [bestMasked(bin), bestKept(bin)]);
				return texts.every((text) => distributionOf(answers, text) !== undefined);
			}),
	};
}

interface EraserDocument {
	readonly docid: string;
	readonly text: string;
	readonly tokens: readonly string[];
	/** Number of the first word in the example. */
	readonly first: number;
}

/** Returns a document per segment with words. Throws a `UserError` for a word with a space in it. */
function documentsOf({ example, segments }: PredictionRecord): EraserDocument[] {
	let first = 0;
	return segments.flatMap(({ name, text, words }, i) => {
		const tokens = words.map(({ start, end }) => text.slice(start, end));
		const broken = tokens.find((token) => /\s/u.test(token));
		if (broken !== undefined)
			throw new UserError(`Example "${example}", ${name}: ERASER's words hold no space, got "${broken}".`);
		const gaps = words.map(({ end }, word) =>
			/\n/u.test(text.slice(end, words[word + 1]?.start ?? end)) ? '\n' : ' ',
		);
		const written = tokens.map((token, word) => (word < tokens.length - 1 ? token + gaps[word] : token)).join('');
		const document = { docid: `${encodeURIComponent(example)}.${i + 1}`, text: written, tokens, first };
		first += words.length;
		return tokens.length === 0 ? [] : [document];
	});
}

function annotationLine(prediction: PredictionRecord): object {
	const documents = documentsOf(prediction);
	const gold = aggregateAnnotators(prediction.annotations);
	const evidences = documents.flatMap((document) =>
		spansIn(document, gold).map(({ start, end }) => ({
			docid: document.docid,
			...{ start_token: start, end_token: end, start_sentence: -1, end_sentence: -1 },
			text: document.tokens.slice(start, end).join(' '),
		})),
	);
	return {
		annotation_id: prediction.example,
		classification: prediction.gold,
		docids: documents.map(({ docid }) => docid),
		evidences: evidences.length === 0 ? [] : [evidences],
		...{ query: '', query_type: null },
	};
}

function predictionLine({ prediction, rationale, chosen }: Exported, fields: Fields, masking: string): object {
	const rationales = documentsOf(prediction).map((document) => ({
		docid: document.docid,
		length: document.tokens.length,
		hard: spansIn(document, chosen.words).map(({ start, end }) => ({ start_token: start, end_token: end })),
		soft: fields.scores ? scoresIn(document, rationale.scores ?? []) : null,
	}));
	checkRationales(rationales);
	return {
		annotation_id: prediction.example,
		rationales: rationales.map(({ docid, hard, soft }) => ({
			docid,
			hard_rationale_predictions: hard,
			...(soft !== null && { soft_rationale_predictions: soft }),
		})),
		classification: prediction.prediction,
		classification_scores: prediction.probabilities,
		...(fields.probabilities && {
			comprehensiveness_classification_scores: distributionOf(chosen.answers?.[masking], chosenMasked),
			sufficiency_classification_scores: distributionOf(chosen.answers?.[masking], chosenKept),
		}),
		...(fields.thresholds && { thresholded_scores: thresholds(rationale, masking) }),
	};
}

function thresholds({ answers }: RationaleRecord, masking: string): object[] {
	const own = answers?.[masking];
	return eraserBins.map((threshold) => ({
		threshold,
		comprehensiveness_classification_scores: distributionOf(own, bestMasked(threshold)),
		sufficiency_classification_scores: distributionOf(own, bestKept(threshold)),
	}));
}

/** Returns the probabilities by label of a masked text, undefined where it was not asked about. */
function distributionOf(answers: MaskedAnswers | undefined, text: SingleText) {
	return answerTo({ answers: answers ?? {} }, text)?.probabilities;
}

function spansIn({ first, tokens }: EraserDocument, words: readonly number[]): WordRange[] {
	return maximalSpans(words.map((word) => word - first).filter((word) => word >= 0 && word < tokens.length));
}

/** Words without a score take the lowest one: they cannot be chosen (docs/methods.md B.1). */
function scoresIn({ first, tokens }: EraserDocument, scores: readonly (number | null)[]): number[] {
	const lowest = Math.min(...scores.filter((score) => score !== null));
	return tokens.map((_, i) => scores[first + i] ?? lowest);
}

/**
 * Throws `InternalError` unless documents are different, spans sorted, apart and inside, and there is a finite score per
 * token: ERASER's own check misses all of these (docs/methods.md F.2).
 */
export function checkRationales(rationales: readonly EraserRationale[]): void {
	if (new Set(rationales.map(({ docid }) => docid)).size !== rationales.length) {
		throw new InternalError('ERASER: a document twice in one example');
	}
	for (const { docid, length, hard, soft } of rationales) {
		let last = -1;
		for (const { start_token: start, end_token: end } of hard) {
			if (!(start > last && start < end && end <= length)) {
				throw new InternalError(`ERASER: span [${start}, ${end}) of ${docid}, ${length} tokens, after ${last}`);
			}
			last = end;
		}
		if (soft !== null && (soft.length !== length || !soft.every(Number.isFinite))) {
			throw new InternalError(`ERASER: ${soft.length} scores for the ${length} tokens of ${docid}`);
		}
	}
}
