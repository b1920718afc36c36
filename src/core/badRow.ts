/** Rows of a data file that cannot be used. */

/** What is wrong with a row, so that rows of different kinds can be told apart and counted. */
export const BAD_ROW_KINDS = {
	form: 'the row is broken: fields are missing, too many, or of another kind',
	text: 'there is no text',
	label: 'the label is not one of the task',
	rationale: 'the human rationale does not fit the text',
	id: 'the id is taken, or rows of one text contradict each other',
} as const;

export type BadRowKind = keyof typeof BAD_ROW_KINDS;

/** A row that cannot be used. */
export interface BadRow {
	readonly kind: BadRowKind;
	readonly file: string;
	/** Line of the file in which the row starts, from 1; number of the row where the file has no lines (Parquet, JSON). */
	readonly line: number;
	readonly problem: string;
}

/** Returns how many bad rows there are of each kind, kinds in the order of `BAD_ROW_KINDS`. */
export function badRowCounts(badRows: readonly BadRow[]): { kind: BadRowKind; count: number }[] {
	return (Object.keys(BAD_ROW_KINDS) as BadRowKind[])
		.map((kind) => ({ kind, count: badRows.filter((row) => row.kind === kind).length }))
		.filter(({ count }) => count > 0);
}
