/** Tables in and out: one's own texts, rationales of other tools, records for other tools. */
import { z } from 'zod';
import { type OnBadRow, readTable as readCheckedTable, type Table } from '../datasets/table.ts';
import { type TableInput, tableSpec } from '../datasets/tableSpec.ts';
import { readEraserPredictions } from '../interchange/eraserPredictions.ts';
import type { WrittenTable } from '../interchange/exportTables.ts';
import { readStudyRecords } from '../interchange/readStudyFolder.ts';
import { type PredictionScores, scorePredictions as scoreRead } from '../interchange/scorePredictions.ts';
import { checkedOptions } from './checkedOptions.ts';

const tableOptions = z.strictObject({
	/** At most this many examples, stratified by label; null for all. */
	limit: z.int().min(1).nullable().default(null),
	/** Decides which examples a limit takes. */
	seed: z.int().default(1),
	/** Whether bad rows end the reading with an error, or are left out and returned. */
	onBadRow: z.enum(['stop', 'skip'] satisfies OnBadRow[]).default('stop'),
});

export type ReadTableOptions = z.input<typeof tableOptions>;

/**
 * Returns the examples of a CSV, TSV, JSON Lines or Parquet file.
 * @param table the file and its columns, as in a study file: `{ path: 'films.csv', text: 'review', label: 'sentiment' }`.
 * @throws UserError for a file that cannot be read, a column that does not exist, and, with `stop`, for bad rows.
 */
export async function readTable(table: TableInput, options: ReadTableOptions = {}): Promise<Table> {
	const { limit, ...rest } = checkedOptions(tableOptions, options, 'readTable');
	return readCheckedTable(tableSpec(table, 'readTable'), { limit: limit ?? undefined, ...rest });
}

const scoreOptions = z.strictObject({
	/** The folder in ERASER's form: `docs/` or `docs.jsonl`, and a file per split. */
	data: z.string().min(1),
	/** The split the predictions are about; null for `test` where there is one. */
	split: z.string().min(1).nullable().default(null),
	seed: z.int().default(1),
	/** Of each 95 % interval. */
	resamples: z.int().min(1).default(1000),
});

export type ScorePredictionsOptions = z.input<typeof scoreOptions>;

/**
 * Returns our metrics, with interval and counts, and ERASER's own definitions, of a file of predictions in ERASER's form.
 * @throws UserError for a file or folder that cannot be read, with the line.
 */
export async function scorePredictions(file: string, options: ScorePredictionsOptions): Promise<PredictionScores> {
	const { data, split, ...resampling } = checkedOptions(scoreOptions, options, 'scorePredictions');
	return scoreRead(await readEraserPredictions(file, data, split), resampling);
}

const exportOptions = z.strictObject({
	/** Where the tables go; made where absent. */
	out: z.string().min(1),
	format: z.enum(['parquet', 'csv']).default('parquet'),
	/** In CSV: puts an apostrophe before each text that a spreadsheet would compute. */
	forSpreadsheets: z.boolean().default(false),
});

export type ExportTablesOptions = z.input<typeof exportOptions>;

/**
 * Returns the files that were written from the records of a study: predictions, rationales, selections, words.
 * @param folder the output folder of a study.
 * @throws UserError for a folder without records.
 */
export async function exportTables(folder: string, options: ExportTablesOptions): Promise<WrittenTable[]> {
	const { out, format, forSpreadsheets } = checkedOptions(exportOptions, options, 'exportTables');
	const { exportTables: exportRecords } = await import('../interchange/exportTables.ts');
	return exportRecords(await readStudyRecords(folder), out, {
		format,
		forSpreadsheets: forSpreadsheets && format === 'csv',
	});
}
