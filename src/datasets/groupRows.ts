/** Rows about the same text become one example with several annotations. */
import type { Annotation, Example } from '../core/example.ts';
import type { BadRow } from '../core/badRow.ts';
import { RowProblem, type Collected } from './badRows.ts';

/** Annotator of a row that names none. */
export const UNNAMED = 'annotator';

/** What one row says. */
export interface TableRow {
	readonly line: number;
	/** What is equal in rows about the same text; null where each row is a text of its own. */
	readonly group: string | null;
	readonly example: Example;
}

/** The rows about one text; `line` is that of the first. */
export interface RowGroup {
	readonly line: number;
	readonly rows: readonly TableRow[];
}

/** Returns the rows by text. A row with the group of another text, or an id that is taken, is a bad row. */
export function groupRows(file: string, rows: readonly TableRow[]): Collected<RowGroup> {
	const groups = new Map<string, { line: number; rows: TableRow[] }>();
	const lineOfId = new Map<string, number>();
	const badRows: BadRow[] = [];
	for (const row of rows) {
		const key = row.group === null ? `line ${row.line}` : `group ${row.group}`;
		const group = groups.get(key);
		const problem = group === undefined ? idProblem(row, lineOfId) : textProblem(row, group.rows);
		if (problem !== null) badRows.push({ kind: 'id', file, line: row.line, problem });
		else if (group !== undefined) group.rows.push(row);
		else {
			groups.set(key, { line: row.line, rows: [row] });
			lineOfId.set(row.example.id, row.line);
		}
	}
	return { values: [...groups.values()], badRows };
}

function idProblem({ example }: TableRow, lineOfId: ReadonlyMap<string, number>): string | null {
	const line = lineOfId.get(example.id);
	return line === undefined ? null : `id "${example.id}" is taken by line ${line}`;
}

function textProblem(row: TableRow, others: readonly TableRow[]): string | null {
	const first = others[0];
	const textsOf = (of: TableRow | undefined) => JSON.stringify(of?.example.segments.map(({ text }) => text));
	return textsOf(first) === textsOf(row)
		? null
		: `text differs from line ${first?.line}, which has the same group "${row.group}"`;
}

/**
 * Returns the example of a group: its label is the one most rows give, its annotations are those of the rows that
 * give this label; `leftOut` counts the others. Throws a `RowProblem` where two labels are equally frequent.
 */
export function mergeRows({ rows }: RowGroup): { example: Example; leftOut: number } {
	const [first] = rows;
	if (first === undefined) throw new RowProblem('id', 'has no row');
	const label = majority(rows.map(({ example }) => example.label));
	const all = rows.flatMap(({ example }) => example.annotations);
	const agreeing = rows.filter(({ example }) => example.label === label).flatMap(({ example }) => example.annotations);
	const annotations = rows.length === 1 ? agreeing : agreeing.map(numbered);
	return { example: { ...first.example, label, annotations }, leftOut: all.length - agreeing.length };
}

function majority(labels: readonly (string | null)[]): string | null {
	const counts = new Map<string | null, number>();
	for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
	const [first, second] = [...counts].toSorted(([, a], [, b]) => b - a);
	if (first === undefined || first[1] === second?.[1]) {
		const votes = [...counts].map(([label, count]) => `${label} ${count}`).join(', ');
		throw new RowProblem('id', `the rows of this text do not agree on a label: ${votes}`);
	}
	return first[0];
}

/** Gives annotators without a name a number, so that the annotations of one text can be told apart. */
function numbered(annotation: Annotation, index: number): Annotation {
	return annotation.annotator === UNNAMED ? { ...annotation, annotator: `${UNNAMED} ${index + 1}` } : annotation;
}
