/** The records of a study as tables: rows of plain values, lists and maps as JSON. */
import type {
	PredictionRecord,
	RationaleRecord,
	SelectionRecord,
	SkippedRecord,
	StudyRecord,
	VariantRecord,
} from '../records/records.ts';

/** What a column holds, in DuckDB's names. */
export type ColumnType = 'VARCHAR' | 'DOUBLE' | 'INTEGER' | 'BOOLEAN';

export type Row = Readonly<Record<string, string | number | boolean | null>>;

export interface RecordTable {
	readonly name: string;
	readonly columns: Readonly<Record<string, ColumnType>>;
	/** Returns the rows of one record; `predictions` finds the prediction that a rationale is about. */
	rows(record: StudyRecord, predictions: Predictions): readonly Row[];
}

/** Returns the prediction of the record's model, dataset, split, epoch and example. */
export type Predictions = (record: StudyRecord) => PredictionRecord | undefined;

const place = {
	cell: 'VARCHAR',
	model: 'VARCHAR',
	dataset: 'VARCHAR',
	split: 'VARCHAR',
	epoch: 'INTEGER',
	example: 'VARCHAR',
} as const;

/** All tables: together they hold what the records hold. */
export const recordTables: readonly RecordTable[] = [
	{
		name: 'predictions',
		columns: {
			...place,
			gold: 'VARCHAR',
			prediction: 'VARCHAR',
			probabilities: 'VARCHAR',
			mass: 'DOUBLE',
			likeliest: 'VARCHAR',
			spellings: 'VARCHAR',
			tokens: 'INTEGER',
			words: 'INTEGER',
			words_without_tokens: 'INTEGER',
			segments: 'VARCHAR',
			annotations: 'VARCHAR',
			unjudged: 'VARCHAR',
			skipped: 'VARCHAR',
			problem: 'VARCHAR',
		},
		rows: (record) => (record.kind === 'prediction' || record.kind === 'skipped' ? [predictionRow(record)] : []),
	},
	{
		name: 'variants',
		columns: {
			...place,
			variant: 'VARCHAR',
			gold: 'VARCHAR',
			prediction: 'VARCHAR',
			probabilities: 'VARCHAR',
			reason: 'VARCHAR',
		},
		rows: (record) => (record.kind === 'variant' ? [variantRow(record)] : []),
	},
	{
		name: 'rationales',
		columns: {
			...place,
			method: 'VARCHAR',
			missing: 'VARCHAR',
			answer: 'VARCHAR',
			answer_status: 'VARCHAR',
			scores: 'VARCHAR',
			curve: 'VARCHAR',
			answers: 'VARCHAR',
			searches: 'VARCHAR',
			diagnostics: 'VARCHAR',
		},
		rows: (record) => (record.kind === 'rationale' ? [rationaleRow(record)] : []),
	},
	{
		name: 'selections',
		columns: {
			...place,
			method: 'VARCHAR',
			selection: 'VARCHAR',
			masking: 'VARCHAR',
			words: 'VARCHAR',
			ties: 'INTEGER',
			prediction: 'VARCHAR',
			masked: 'VARCHAR',
			flipped: 'BOOLEAN',
			control: 'VARCHAR',
			answers: 'VARCHAR',
		},
		rows: (record, predictions) => (record.kind === 'rationale' ? selectionRows(record, predictions(record)) : []),
	},
	{
		name: 'words',
		columns: {
			...place,
			method: 'VARCHAR',
			word: 'INTEGER',
			text: 'VARCHAR',
			segment: 'VARCHAR',
			start: 'INTEGER',
			end: 'INTEGER',
			annotators: 'INTEGER',
			score: 'DOUBLE',
			chosen_by: 'VARCHAR',
		},
		rows: (record, predictions) => (record.kind === 'rationale' ? wordRows(record, predictions(record)) : []),
	},
];

/** Returns the finder of predictions among the records. */
export function predictionsIn(records: Iterable<StudyRecord>): Predictions {
	const keyOf = ({ model, dataset, split, epoch, example }: StudyRecord): string =>
		JSON.stringify([model, dataset, split, epoch, example]);
	const found = new Map<string, PredictionRecord>();
	for (const record of records) if (record.kind === 'prediction') found.set(keyOf(record), record);
	return (record) => found.get(keyOf(record));
}

function placeOf({ cell, model, dataset, split, epoch, example }: StudyRecord): Row {
	return { cell, model, dataset, split, epoch, example };
}

function json(value: unknown): string | null {
	return value === undefined || value === null ? null : JSON.stringify(value);
}

function predictionRow(record: PredictionRecord | SkippedRecord): Row {
	const common = { ...placeOf(record), gold: record.gold };
	if (record.kind === 'skipped') return { ...common, skipped: record.reason, problem: record.problem ?? null };
	const { prediction, probabilities, mass, likeliest, spellings, tokens, wordsWithoutTokens, segments, annotations } =
		record;
	return {
		...common,
		prediction,
		mass,
		likeliest: json(likeliest),
		spellings: json(spellings),
		tokens,
		probabilities: json(probabilities),
		words: segments.reduce((sum, { words }) => sum + words.length, 0),
		words_without_tokens: wordsWithoutTokens,
		segments: json(segments.map(({ name, text }) => ({ name, text }))),
		annotations: json(annotations),
		unjudged: json(record.unjudged),
	};
}

function variantRow(record: VariantRecord): Row {
	const { variant, gold, prediction, probabilities, reason } = record;
	return { ...placeOf(record), variant, gold, prediction, reason, probabilities: json(probabilities) };
}

function rationaleRow(record: RationaleRecord): Row {
	const { method, missing, answer, scores, curve, answers, searches, diagnostics } = record;
	return {
		...placeOf(record),
		method,
		missing,
		answer_status: answer?.status ?? null,
		answer: json(answer),
		scores: json(scores),
		curve: json(curve),
		answers: json(answers),
		searches: json(searches),
		diagnostics: json(diagnostics),
	};
}

function selectionRows(record: RationaleRecord, prediction: PredictionRecord | undefined): Row[] {
	return record.selections.flatMap((selection) => {
		const rowUnder = (masking: string | null): Row => ({
			...placeOf(record),
			method: record.method,
			selection: selection.selection,
			masking,
			words: json(selection.words),
			ties: selection.ties,
			prediction: prediction?.prediction ?? null,
			...(masking === null ? {} : maskedOf(selection, masking, prediction)),
		});
		const maskings = new Set([...Object.keys(selection.masked), ...Object.keys(selection.control)]);
		return maskings.size === 0 ? [rowUnder(null)] : [...maskings].map(rowUnder);
	});
}

function maskedOf(selection: SelectionRecord, masking: string, prediction: PredictionRecord | undefined): Row {
	const masked = selection.masked[masking] ?? null;
	return {
		masked,
		flipped: masked === null || prediction === undefined ? null : masked !== prediction.prediction,
		control: json(selection.control[masking]),
		answers: json(selection.answers?.[masking]),
	};
}

/** One row per word; none where the prediction, and with it the text, is not among the records. */
function wordRows(record: RationaleRecord, prediction: PredictionRecord | undefined): Row[] {
	const words = (prediction?.segments ?? []).flatMap(({ name, text, words: spans }) =>
		spans.map(({ start, end }) => ({ segment: name, text: text.slice(start, end), start, end })),
	);
	return words.map((word, number) => ({
		...placeOf(record),
		method: record.method,
		word: number,
		...word,
		annotators: (prediction?.annotations ?? []).filter((annotation) => annotation.includes(number)).length,
		score: record.scores?.[number] ?? null,
		chosen_by: record.selections
			.filter((selection) => selection.words.includes(number))
			.map(({ selection }) => selection)
			.join(','),
	}));
}
