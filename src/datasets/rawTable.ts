/** Rows of a table file as they were read, before anything is known of their columns. */
import type { BadRow } from '../core/badRow.ts';

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
