/** Rows of CSV, TSV, JSON Lines and Parquet files, with the lines they start in. */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { messageOf, UserError } from '../core/errors.ts';
import type { BadRow } from '../core/badRow.ts';
import { parquetRows } from './parquetRows.ts';

export interface RawRow {
	/** From 1; in Parquet the number of the row. */
	readonly line: number;
	readonly cells: ReadonlyMap<string, unknown>;
}

export interface RawTable {
	readonly columns: readonly string[];
	readonly rows: readonly RawRow[];
	readonly badRows: readonly BadRow[];
}

type Reader = (file: string) => RawTable | Promise<RawTable>;

const READERS: Readonly<Record<string, Reader>> = {
	'.csv': (file) => delimitedRows(file, readText(file), ','),
	'.tsv': (file) => delimitedRows(file, readText(file), '\t'),
	'.jsonl': (file) => jsonRows(file, readText(file)),
	'.ndjson': (file) => jsonRows(file, readText(file)),
	'.parquet': parquetRows,
};

/** Returns the rows of a file. Throws a `UserError` where it cannot be read at all or has no row. */
export async function readRows(file: string): Promise<RawTable> {
	const extension = extname(file).toLowerCase();
	const reader = READERS[extension];
	if (reader === undefined) {
		const known = Object.keys(READERS).join(', ');
		throw new UserError(`${file}: files of kind "${extension}" cannot be read as a table. Known: ${known}.`);
	}
	const table = await reader(file);
	if (table.rows.length + table.badRows.length === 0) {
		throw new UserError(`${file}: has no rows. Expected at least one example.`);
	}
	return table;
}

/** Returns the text of a file. Throws a `UserError` where it cannot be read or is not UTF-8. */
export function readText(file: string): string {
	const bytes = readBytes(file);
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		throw new UserError(`${file}:${lineNotUtf8(bytes)}: is not UTF-8 text. Save the file with the encoding UTF-8.`);
	}
}

function readBytes(file: string): Buffer {
	try {
		return readFileSync(file);
	} catch (error) {
		throw new UserError(`${file}: cannot be read (${messageOf(error)}). Check the path.`, { cause: error });
	}
}

/** Returns the number of the first line that is not UTF-8. Read one byte per character, lines stay lines. */
function lineNotUtf8(bytes: Buffer): number {
	const isUtf8 = (line: string): boolean => !Buffer.from(line, 'latin1').toString('utf8').includes('\ufffd');
	return (
		bytes
			.toString('latin1')
			.split('\n')
			.findIndex((line) => !isUtf8(line)) + 1
	);
}

/** A record as `csv-parse` returns it with `info` and `raw`. */
interface DelimitedRecord {
	readonly record: readonly string[];
	readonly raw: string;
	/** `lines`: number of the line in which the record ends. */
	readonly info: { readonly lines: number };
}

function delimitedRows(file: string, text: string, delimiter: string): RawTable {
	const [header, ...records] = parseDelimited(file, text, delimiter);
	const columns = header?.record ?? [];
	const twice = columns.find((column, index) => column !== '' && columns.indexOf(column) !== index);
	if (twice !== undefined) throw new UserError(`${file}:1: two columns are called "${twice}". Rename one of them.`);
	const complete = records.filter(({ record }) => record.length === columns.length);
	return {
		columns,
		rows: complete.map((row) => ({
			line: firstLine(row),
			cells: new Map(columns.map((column, index) => [column, row.record[index]])),
		})),
		badRows: records
			.filter(({ record }) => record.length !== columns.length)
			.map((row) => ({
				kind: 'form' as const,
				file,
				line: firstLine(row),
				problem: `has ${row.record.length} fields; the header has ${columns.length}`,
			})),
	};
}

function parseDelimited(file: string, text: string, delimiter: string): DelimitedRecord[] {
	try {
		// The types of csv-parse leave out what `info` and `raw` add to a record.
		return parse(text, {
			delimiter,
			record_delimiter: ['\r\n', '\n', '\r'],
			skip_empty_lines: true,
			relax_column_count: true,
			info: true,
			raw: true,
		}) as unknown as DelimitedRecord[];
	} catch (error) {
		if (!(error instanceof CsvError)) throw error;
		throw new UserError(`${file}: is not a valid table: ${error.message}.`, { cause: error });
	}
}

function firstLine({ raw, info }: DelimitedRecord): number {
	return info.lines - (raw.trim().split(/\r\n|\n|\r/u).length - 1);
}

function jsonRows(file: string, text: string): RawTable {
	const rows: RawRow[] = [];
	const badRows: BadRow[] = [];
	for (const [index, line] of text.split(/\r?\n/u).entries()) {
		if (line.trim() === '') continue;
		const value = parseJson(line);
		if (isRecord(value)) rows.push({ line: index + 1, cells: new Map(Object.entries(value)) });
		else badRows.push({ kind: 'form', file, line: index + 1, problem: 'is not a JSON object' });
	}
	return { columns: [...new Set(rows.flatMap(({ cells }) => [...cells.keys()]))], rows, badRows };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the value of a JSON text, undefined where it is none. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
