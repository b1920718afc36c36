/** The records of a study as tables; what the columns mean stands in docs/guides/exports.md. */
import type {
	PredictionRecord,
	RationaleRecord,
	SelectionRecord,
	SkippedRecord,
	StudyRecord,
	VariantRecord,
} from '../records/records.ts';

/** What a column holds, in DuckDB's names. `JSON` is for values whose form depends on the measures asked for. */
export type ColumnType = 'VARCHAR' | 'DOUBLE' | 'INTEGER' | 'BOOLEAN' | NestedType | 'JSON';

const nestedTypes = {
	words: 'INTEGER[]',
	annotations: 'INTEGER[][]',
	scores: 'DOUBLE[]',
	labels: 'VARCHAR[]',
	probabilities: 'MAP(VARCHAR, DOUBLE)',
	spellings: 'MAP(VARCHAR, VARCHAR[])',
	likeliest: 'STRUCT("text" VARCHAR, probability DOUBLE)[]',
	segments: 'STRUCT("name" VARCHAR, "text" VARCHAR)[]',
	curve: 'STRUCT(share DOUBLE, label VARCHAR)[]',
	answer:
		'STRUCT(raw VARCHAR, thought VARCHAR, status VARCHAR, "wrongLength" BOOLEAN, unmatched VARCHAR[], "cutOff" BOOLEAN, label VARCHAR)',
} as const;

/** Lists, maps and records. */
export type NestedType = (typeof nestedTypes)[keyof typeof nestedTypes];

/** Returns true for a type that has no form of its own in a line of text. */
export function isNested(type: ColumnType): boolean {
	return Object.values<ColumnType>(nestedTypes).includes(type) || type === 'JSON';
}

/** Values as JSON has them. */
export type Row = Readonly<Record<string, unknown>>;

export interface RecordTable {
	readonly name: string;
	readonly columns: Readonly<Record<string, ColumnType>>;
	/** Left out where it would have no row. */
	readonly isOptional?: true;
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

/** Returns all tables: together they hold what the records hold. A word has a column for every selection among the records. */
export function recordTables(records: Iterable<StudyRecord>): RecordTable[] {
	return [...fixedTables, wordTable(selectionsIn(records))];
}

function selectionsIn(records: Iterable<StudyRecord>): string[] {
	const found = new Set<string>();
	for (const record of records) {
		if (record.kind !== 'rationale') continue;
		for (const { selection } of record.selections) found.add(selection);
	}
	return [...found];
}

const fixedTables: readonly RecordTable[] = [
	{
		name: 'predictions',
		columns: {
			...place,
			gold: 'VARCHAR',
			prediction: 'VARCHAR',
			probabilities: nestedTypes.probabilities,
			mass: 'DOUBLE',
			likeliest: nestedTypes.likeliest,
			spellings: nestedTypes.spellings,
			tokens: 'INTEGER',
			words: 'INTEGER',
			words_without_tokens: 'INTEGER',
			segments: nestedTypes.segments,
			annotations: nestedTypes.annotations,
			unjudged: nestedTypes.words,
			skipped: 'VARCHAR',
			problem: 'VARCHAR',
		},
		rows: (record) => (record.kind === 'prediction' || record.kind === 'skipped' ? [predictionRow(record)] : []),
	},
	{
		name: 'variants',
		isOptional: true,
		columns: {
			...place,
			variant: 'VARCHAR',
			gold: 'VARCHAR',
			prediction: 'VARCHAR',
			probabilities: nestedTypes.probabilities,
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
			answer: nestedTypes.answer,
			answer_status: 'VARCHAR',
			scores: nestedTypes.scores,
			curve: nestedTypes.curve,
			answers: 'JSON',
			searches: 'JSON',
			diagnostics: nestedTypes.probabilities,
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
			words: nestedTypes.words,
			ties: 'INTEGER',
			prediction: 'VARCHAR',
			masked: 'VARCHAR',
			flipped: 'BOOLEAN',
			control: nestedTypes.labels,
			answers: 'JSON',
		},
		rows: (record, predictions) => (record.kind === 'rationale' ? selectionRows(record, predictions(record)) : []),
	},
];

function wordTable(selections: readonly string[]): RecordTable {
	const chosen = selections.map((selection) => [chosenColumn(selection), 'BOOLEAN'] as const);
	return {
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
			...Object.fromEntries(chosen),
		},
		rows: (record, predictions) => (record.kind === 'rationale' ? wordRows(record, predictions(record)) : []),
	};
}

function chosenColumn(selection: string): string {
	return `chosen_${selection}`;
}

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

function predictionRow(record: PredictionRecord | SkippedRecord): Row {
	const common = { ...placeOf(record), gold: record.gold };
	if (record.kind === 'skipped') return { ...common, skipped: record.reason, problem: record.problem ?? null };
	const { prediction, probabilities, mass, likeliest, spellings, tokens, wordsWithoutTokens, segments, annotations } =
		record;
	return {
		...common,
		prediction,
		mass,
		likeliest,
		spellings,
		tokens,
		probabilities,
		words: segments.reduce((sum, { words }) => sum + words.length, 0),
		words_without_tokens: wordsWithoutTokens,
		segments: segments.map(({ name, text }) => ({ name, text })),
		annotations,
		unjudged: record.unjudged,
	};
}

function variantRow(record: VariantRecord): Row {
	const { variant, gold, prediction, probabilities, reason } = record;
	return { ...placeOf(record), variant, gold, prediction, reason, probabilities };
}

function rationaleRow(record: RationaleRecord): Row {
	const { method, missing, answer, scores, curve, answers, searches, diagnostics } = record;
	return {
		...placeOf(record),
		method,
		missing,
		answer_status: answer?.status ?? null,
		answer,
		scores,
		curve,
		answers,
		searches,
		diagnostics,
	};
}

function selectionRows(record: RationaleRecord, prediction: PredictionRecord | undefined): Row[] {
	return record.selections.flatMap((selection) => {
		const rowUnder = (masking: string | null): Row => ({
			...placeOf(record),
			method: record.method,
			selection: selection.selection,
			masking,
			words: selection.words,
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
		control: selection.control[masking],
		answers: selection.answers?.[masking],
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
		...Object.fromEntries(
			record.selections.map(({ selection, words: chosen }) => [chosenColumn(selection), chosen.includes(number)]),
		),
	}));
}
