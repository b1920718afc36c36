/** Rows of CSV, TSV, JSON Lines and Parquet files, with the lines they start in. */
import { constants } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { CsvError, type Options, parse } from 'csv-parse/sync';
import { messageOf, UserError } from '../core/errors.ts';
import type { BadRow } from '../core/badRow.ts';
import { parquetRows } from './parquetRows.ts';
import type { RawRow, RawTable } from './rawTable.ts';

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
	requirePlainFile(file);
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

/** A device or a pipe may never end. Throws a `UserError` for what is there and is no file. */
function requirePlainFile(file: string): void {
	const found = statSync(file, { throwIfNoEntry: false });
	if (found === undefined || found.isFile()) return;
	throw new UserError(`${file}: is ${found.isDirectory() ? 'a folder' : 'a device or a pipe'}. Give a file.`);
}

/** More is no string of JavaScript; in bytes, of which a character has at least one. */
function requireReadableSize(file: string): void {
	const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
	if (size <= constants.MAX_STRING_LENGTH) return;
	const [given, most] = [Math.ceil(size / 2 ** 20), Math.floor(constants.MAX_STRING_LENGTH / 2 ** 20)];
	throw new UserError(
		`${file}: is ${given} MiB; text is read up to ${most} MiB. Split the file, or save it as Parquet.`,
	);
}

function readBytes(file: string): Buffer {
	requirePlainFile(file);
	requireReadableSize(file);
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
	/** Quotes within a field that are not doubled: what the fields are is a guess. */
	readonly hasStrayQuote?: boolean;
}

function delimitedRows(file: string, text: string, delimiter: string): RawTable {
	const [header, ...records] = parseDelimited(file, text, delimiter);
	const columns = header?.record ?? [];
	const seen = new Set<string>();
	const twice = columns.find((column) => column !== '' && seen.size === seen.add(column).size);
	if (twice !== undefined) throw new UserError(`${file}:1: two columns are called "${twice}". Rename one of them.`);
	const problemOf = ({ record, hasStrayQuote }: DelimitedRecord): string | null => {
		if (hasStrayQuote) return 'has a quotation mark that is not doubled, within a field';
		return record.length === columns.length ? null : `has ${record.length} fields; the header has ${columns.length}`;
	};
	const rows: RawRow[] = [];
	const badRows: BadRow[] = [];
	for (const row of records) {
		const [line, problem] = [firstLine(row), problemOf(row)];
		if (problem !== null) badRows.push({ kind: 'form', file, line, problem });
		else rows.push({ line, cells: new Map(columns.map((column, index) => [column, row.record[index]])) });
	}
	return { columns, rows, badRows };
}

/** Returns the records; where quotes do not match, they are told from the others, so that these can be used. */
function parseDelimited(file: string, text: string, delimiter: string): DelimitedRecord[] {
	const plain = { delimiter, record_delimiter: ['\r\n', '\n', '\r'], relax_column_count: true };
	const options = { ...plain, skip_empty_lines: true, info: true, raw: true };
	const strict = tryParse(text, options);
	if (strict !== null) return strict;
	let isOpen = false;
	const lenient = tryParse(text, {
		...options,
		relax_quotes: true,
		skip_records_with_error: true,
		on_skip: () => {
			isOpen = true;
			return undefined;
		},
	});
	if (lenient === null || isOpen) {
		const last = lenient?.at(-1);
		const line = (last?.info.lines ?? 0) + 1;
		throw new UserError(
			`${file}:${line}: a quotation mark opens a field here and is never closed. Close it, or double it where it is part of the text.`,
		);
	}
	return lenient.map((row) => ({ ...row, hasStrayQuote: row.raw.includes('"') && tryParse(row.raw, plain) === null }));
}

/** Returns null where the text is not in the form of a table. */
function tryParse(text: string, options: Options): DelimitedRecord[] | null {
	try {
		// The types of csv-parse leave out what `info` and `raw` add to a record.
		return parse(text, options) as unknown as DelimitedRecord[];
	} catch (error) {
		if (error instanceof CsvError) return null;
		throw error;
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
