/** Writes the records of a study as Parquet or CSV files, by DuckDB. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { makeFolder } from '../files/makeFolder.ts';
import type { StudyRecord } from '../records/records.ts';
import { isNested, predictionsIn, type RecordTable, recordTables } from './recordTables.ts';

export type TableFormat = 'parquet' | 'csv';

export interface ExportOptions {
	readonly format: TableFormat;
	/** Puts an apostrophe before each text that a spreadsheet would compute. */
	readonly forSpreadsheets?: boolean;
}

export interface WrittenTable {
	readonly path: string;
	readonly rows: number;
}

/**
 * Returns the files written into the folder, one per table; files of the same names are replaced. Lists, maps and records are typed
 * in Parquet and JSON in CSV. Column types are given, not
 * inferred, so that a number is never a BIGINT and an id of digits stays text.
 */
export async function exportTables(
	records: readonly StudyRecord[],
	folder: string,
	{ format, forSpreadsheets = false }: ExportOptions,
): Promise<WrittenTable[]> {
	await makeFolder(folder);
	const scratch = await mkdtemp(join(folder, '.export-'));
	const instance = await DuckDBInstance.create(':memory:');
	try {
		const connection = await instance.connect();
		const written: WrittenTable[] = [];
		for (const table of recordTables(records)) {
			const source = join(scratch, `${table.name}.ndjson`);
			const rows = await writeLines(source, records, table);
			const path = join(folder, `${table.name}.${format}`);
			if (rows === 0 && table.isOptional === true) {
				await rm(path, { force: true });
				continue;
			}
			await connection.run(copyStatement(table, source, path, { format, forSpreadsheets }));
			written.push({ path, rows });
		}
		connection.closeSync();
		return written;
	} finally {
		instance.closeSync();
		await rm(scratch, { recursive: true, force: true });
	}
}

/** Record by record: all rows at once would not fit where there are many words. */
async function writeLines(path: string, records: readonly StudyRecord[], table: RecordTable): Promise<number> {
	const stream = createWriteStream(path);
	const predictions = predictionsIn(records);
	let count = 0;
	for (const record of records) {
		const rows = table.rows(record, predictions);
		count += rows.length;
		const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
		if (text !== '' && !stream.write(text)) await once(stream, 'drain');
	}
	stream.end();
	await once(stream, 'finish');
	return count;
}

/** Tables without rows are written too: an empty file of lines cannot be read, a table without rows can. */
function copyStatement(
	{ columns }: RecordTable,
	source: string,
	path: string,
	{ format, forSpreadsheets }: Required<ExportOptions>,
): string {
	const types = Object.entries(columns).map(([name, type]) => `${literal(name)}: ${literal(type)}`);
	const names = Object.entries(columns).map(([name, type]) => {
		if (forSpreadsheets && type === 'VARCHAR') return `${notComputed(name)} AS "${name}"`;
		// Text has no lists and maps but those of JSON.
		return format === 'csv' && isNested(type) ? `to_json("${name}") AS "${name}"` : `"${name}"`;
	});
	const read = `read_json(${literal(source)}, format = 'newline_delimited', columns = {${types.join(', ')}}, maximum_object_size = 1073741824)`;
	const options = format === 'parquet' ? 'FORMAT parquet, COMPRESSION zstd' : 'FORMAT csv, HEADER';
	return `COPY (SELECT ${names.join(', ')} FROM ${read}) TO ${literal(path)} (${options})`;
}

function notComputed(name: string): string {
	const begins = `regexp_matches("${name}", '^[=+\\-@＝＋－＠\\t\\r\\n]')`;
	return `CASE WHEN ${begins} THEN '''' || "${name}" ELSE "${name}" END`;
}

function literal(text: string): string {
	return `'${text.replaceAll("'", "''")}'`;
}
