/** Rows of a file that cannot be used: collected, so that a reader learns of all of them at once. */
import { type BadRow, badRowCounts, type BadRowKind } from '../core/badRow.ts';
import { UserError } from '../core/errors.ts';

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

/** Returns the error that lists the first ten bad rows and says what to do. */
export function badRowsError(file: string, badRows: readonly BadRow[], advice: string): UserError {
	const listed = badRows.slice(0, LISTED).map((row) => `  ${row.file}:${row.line}: ${row.problem}`);
	const more = badRows.length > listed.length ? [`  and ${badRows.length - listed.length} more`] : [];
	const count = badRows.length === 1 ? '1 row' : `${badRows.length} rows`;
	const kinds = badRowCounts(badRows).map(({ kind, count: ofKind }) => `${kind} ${ofKind}`);
	return new UserError(
		[`${file}: ${count} cannot be used (${kinds.join(', ')}).`, ...listed, ...more, advice].join('\n'),
	);
}
