/** Rows of a file that cannot be used: collected, so that a reader learns of all of them at once. */
import { type BadRow, badRowCounts, type BadRowKind } from '../core/badRow.ts';
import { UserError } from '../core/errors.ts';
import { groupBy } from '../core/groupBy.ts';
import { itemAt } from '../core/present.ts';

/** What is wrong with a row; `collect` adds file and line. */
export class RowProblem extends Error {
	override readonly name = 'RowProblem';
	readonly kind: BadRowKind;
	constructor(kind: BadRowKind, message: string) {
		super(message);
		this.kind = kind;
	}
}

export interface Collected<T> {
	readonly values: readonly T[];
	readonly badRows: readonly BadRow[];
}

const LISTED = 10;
/** Characters of what is said about a row. */
const LONGEST = 300;

/** Returns all items converted; an item whose conversion throws a `RowProblem` becomes a bad row. */
export function collect<From extends { readonly line: number }, To>(
	file: string,
	items: readonly From[],
	convert: (item: From) => To,
): Collected<To> {
	const values: To[] = [];
	const badRows: BadRow[] = [];
	for (const item of items) {
		try {
			values.push(convert(item));
		} catch (error) {
			if (!(error instanceof RowProblem)) throw error;
			badRows.push({ kind: error.kind, file, line: item.line, problem: shortened(error.message) });
		}
	}
	return { values, badRows };
}

/** Returns the rows in the order of their lines, file by file. */
export function inFileOrder(badRows: readonly BadRow[]): BadRow[] {
	const files = [...new Set(badRows.map(({ file }) => file))];
	return badRows.toSorted((a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line);
}

/** A field may be megabytes long. */
function shortened(text: string): string {
	return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

/** Returns `FILE:2: problem`, or `FILE:2: problem; so in 1,036 rows: 2, 3, 4, …`. */
function groupText(rows: readonly BadRow[]): string {
	const { file, line, problem } = itemAt(rows, 0);
	const lines = rows.slice(0, LISTED).map((row) => row.line);
	const all = `${lines.join(', ')}${rows.length > lines.length ? ', …' : ''}`;
	const others = rows.length === 1 ? '' : `; so in ${rows.length.toLocaleString('en')} rows: ${all}`;
	return `  ${file}:${line}: ${problem}${others}`;
}

/** Returns the error that lists the first ten bad rows, those with one problem together, and says what to do. */
export function badRowsError(file: string, badRows: readonly BadRow[], advice: string): UserError {
	const groups = [...groupBy(badRows, ({ file: at, problem }) => `${at}\n${problem}`).values()];
	const listed = groups.slice(0, LISTED).map(groupText);
	const left = groups.slice(LISTED).reduce((sum, group) => sum + group.length, 0);
	const more = left > 0 ? [`  and ${left} more`] : [];
	const count = badRows.length === 1 ? '1 row' : `${badRows.length} rows`;
	const kinds = badRowCounts(badRows).map(({ kind, count: ofKind }) => `${kind} ${ofKind}`);
	return new UserError(
		[`${file}: ${count} cannot be used (${kinds.join(', ')}).`, ...listed, ...more, advice].join('\n'),
	);
}
