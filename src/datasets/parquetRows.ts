/** Rows of a Parquet file, by DuckDB. */
import { existsSync } from 'node:fs';
import { messageOf, UserError } from '../core/errors.ts';
import type { RawTable } from './rawTable.ts';

/** Returns the rows of a Parquet file; the "line" of a row is its number, from 1. Throws a `UserError` for other files. */
export async function parquetRows(file: string): Promise<RawTable> {
	if (!existsSync(file)) throw new UserError(`${file}: cannot be read (there is no such file). Check the path.`);
	// Loaded here: the library of 70 MB is needed for this kind of file only.
	const { DuckDBInstance } = await import('@duckdb/node-api');
	const instance = await DuckDBInstance.create(':memory:');
	const connection = await instance.connect();
	try {
		const reader = await connection.runAndReadAll('SELECT * FROM read_parquet($file)', { file });
		const columns = reader.columnNames();
		const rows = reader.getRowsJS().map((values, number) => ({
			line: number + 1,
			cells: new Map(columns.map((column, i) => [column, plain(values[i])])),
		}));
		return { columns, rows, badRows: [] };
	} catch (error) {
		throw new UserError(`${file}: cannot be read as Parquet (${messageOf(error).split('\n')[0]}).`, { cause: error });
	} finally {
		connection.closeSync();
		instance.closeSync();
	}
}

/** DuckDB gives whole numbers of 64 bits as BigInt; labels, flags and positions fit a number. */
function plain(value: unknown): unknown {
	if (typeof value === 'bigint') return Number(value);
	if (Array.isArray(value)) return value.map(plain);
	const isStruct = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
	return isStruct ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)])) : value;
}
