/** One's own examples from a CSV, TSV, JSON Lines or Parquet file. */
import { basename, extname } from 'node:path';
import { nearest, shown, unknownName, UserError } from '../core/errors.ts';
import { cutSegment, segmentOf, type Annotation, type Example, type Segment } from '../core/example.ts';
import type { BadRow } from '../core/badRow.ts';
import { groupBy } from '../core/groupBy.ts';
import { isBlank } from '../core/whiteSpace.ts';
import { badRowsError, collect, RowProblem } from './badRows.ts';
import { groupRows, mergeRows, UNNAMED, type TableRow } from './groupRows.ts';
import { readRationale } from './rationaleForms.ts';
import { readRows } from './rawRows.ts';
import { stratifiedSample } from './sample.ts';
import { countsWords, type TableSpec } from './tableSpec.ts';
import type { RawRow, RawTable } from './rawTable.ts';

export type OnBadRow = 'stop' | 'skip';

export interface TableOptions {
	/** At most this many examples, stratified by label; all where left out. */
	readonly limit?: number | undefined;
	readonly seed: number;
	/** `stop`: the first bad rows end the reading with an error; `skip`: they are left out and returned. */
	readonly onBadRow: OnBadRow;
	/** Says where a key of the description stands; the table's path where left out. */
	readonly place?: (path: readonly PropertyKey[]) => string;
}

export interface Table {
	readonly examples: readonly Example[];
	/** The labels of the description, else those of the file in the order of their first row. */
	readonly labels: readonly string[];
	readonly badRows: readonly BadRow[];
	/** Annotations left out because their row gives another label than most rows of the text (`groupBy`). */
	readonly annotationsLeftOut: number;
}

const ADVICE = 'Mend them, or leave them out with "onBadRow: skip".';

/**
 * Returns the examples of a file. Rows with equal `groupBy` form one example: its label is the one most of its rows
 * give, its annotations are those of the rows that give this label. Throws a `UserError` for a file that cannot be
 * read, a column that does not exist, and, with `stop`, for bad rows.
 */
export async function readTable(spec: TableSpec, options: TableOptions): Promise<Table> {
	const { limit, seed, onBadRow, place } = options;
	const raw = await readRows(spec.path);
	checkColumns(spec, raw, place);
	if (raw.rows.length === 0) throw badRowsError(spec.path, raw.badRows, 'No row is left.');
	const rows = collect(spec.path, raw.rows, (row) => readRow(row, spec));
	const texts = groupRows(spec.path, rows.values);
	const merged = collect(spec.path, texts.values, mergeRows);
	const examples = merged.values.map(({ example }) => example);
	const badRows = [raw, rows, texts, merged].flatMap((step) => step.badRows).toSorted((a, b) => a.line - b.line);
	if (onBadRow === 'stop' && badRows.length > 0)
		throw badRowsError(spec.path, badRows, examples.length === 0 ? 'No row is left.' : ADVICE);
	if (examples.length === 0) throw badRowsError(spec.path, badRows, 'No row is left.');
	return {
		examples: stratifiedSample(examples, limit, seed),
		labels: spec.labels ?? [...new Set(examples.flatMap(({ label }) => label ?? []))],
		badRows,
		annotationsLeftOut: merged.values.reduce((sum, { leftOut }) => sum + leftOut, 0),
	};
}

function checkColumns(spec: TableSpec, { columns }: RawTable, place: TableOptions['place']): void {
	// A table without a row has no columns that could be judged, but for those of its header.
	if (columns.length === 0) return;
	const strange = columnsOf(spec).find(({ column }) => !columns.includes(column));
	if (strange === undefined) return;
	requireDelimiter(spec.path, columns);
	const known = columns.filter((column) => column !== '');
	if (place === undefined) throw unknownName(spec.path, 'column', strange.column, known);
	throw unknownName(place(strange.key), `column of ${basename(spec.path)}`, strange.column, known);
}

/** Returns the columns that a description names, each with its key. */
function columnsOf({ id, label, segments, rationales, annotator, groupBy }: TableSpec) {
	const names = Object.keys(segments);
	const isPlain = names.length === 1 && names[0] === 'text';
	const named = [
		{ key: ['id'], column: id },
		{ key: ['label'], column: label },
		...Object.entries(segments).map(([name, column]) => ({ key: isPlain ? ['text'] : ['segments', name], column })),
		...rationales.map(({ column }, i) => ({
			key: rationales.length === 1 ? ['rationale', 'column'] : ['rationale', i, 'column'],
			column,
		})),
		{ key: ['annotator'], column: annotator },
		{ key: ['groupBy'], column: groupBy },
	];
	return named.flatMap(({ key, column }) => (column === undefined ? [] : [{ key, column }]));
}

/** Spreadsheets of many countries write semicolons. */
function requireDelimiter(path: string, columns: readonly string[]): void {
	const [only = ''] = columns;
	const found = [';', '\t'].find((delimiter) => only.includes(delimiter));
	if (columns.length > 1 || found === undefined) return;
	const advice = found === '\t' ? 'Call the file .tsv.' : 'Save it with commas.';
	throw new UserError(`${path}:1: its columns are apart by ${found === '\t' ? 'tabs' : 'semicolons'}. ${advice}`);
}

function readRow(row: RawRow, spec: TableSpec): TableRow {
	const segments = Object.entries(spec.segments).map(([name, column]) => segmentFrom(row, name, column, spec));
	const group = spec.groupBy === undefined ? null : cellText(row, spec.groupBy);
	const file = basename(spec.path, extname(spec.path));
	return {
		line: row.line,
		group,
		example: {
			id: spec.id === undefined ? `${file}-${group ?? row.line}` : cellText(row, spec.id),
			segments,
			label: spec.label === undefined ? null : labelOf(cellText(row, spec.label), spec),
			annotations: annotationsOf(row, segments, spec),
		},
	};
}

/** Words that the file lists or counts are the file's; others are cut by the rule. */
function segmentFrom(row: RawRow, name: string, column: string, { segments, rationales, words }: TableSpec): Segment {
	const text = cellText(row, column);
	const [only] = Object.keys(segments);
	const isCounted = rationales.some(({ form, segment = only }) => segment === name && countsWords(form));
	return isCounted || Array.isArray(row.cells.get(column)) ? segmentOf(name, text) : cutSegment(name, text, words);
}

/** Returns the text of a cell; a list of texts (sentences, words) is joined by spaces. A cell without text is a problem. */
function cellText({ cells }: RawRow, column: string): string {
	const value = cells.get(column);
	const parts: readonly unknown[] = Array.isArray(value) ? value : [value ?? ''];
	if (parts.some((part) => typeof part === 'object')) {
		throw new RowProblem('form', `column "${column}" holds no text but ${shown(value)}`);
	}
	const text = parts.map(String).join(' ');
	if (isBlank(text)) throw new RowProblem('text', `column "${column}" is empty`);
	return text;
}

function labelOf(label: string, { labels }: TableSpec): string {
	if (labels === undefined || labels.includes(label)) return label;
	const near = nearest(label, labels);
	const hint = near === undefined ? '' : ` (meant "${near}"?)`;
	throw new RowProblem('label', `unknown label "${label}"${hint}; the labels are ${labels.join(', ')}`);
}

/** Returns an annotation per annotator of the row. An empty cell is no rationale; a rationale without words is one. */
function annotationsOf(row: RawRow, segments: readonly Segment[], spec: TableSpec): Annotation[] {
	const rowAnnotator = spec.annotator === undefined ? UNNAMED : cellText(row, spec.annotator);
	const marks: Annotation[] = [];
	for (const rationale of spec.rationales) {
		const cell = row.cells.get(rationale.column);
		if (cell === undefined || cell === null || cell === '') continue;
		const index = segments.findIndex(({ name }) => name === (rationale.segment ?? segments[0]?.name));
		const segment = segments[index];
		if (segment === undefined) continue;
		const annotator = rationale.annotator ?? rowAnnotator;
		marks.push({ annotator, spans: readRationale(cell, segment, rationale).map((span) => ({ segment: index, span })) });
	}
	const byAnnotator = groupBy(marks, ({ annotator }) => annotator);
	return [...byAnnotator].map(([annotator, own]) => ({ annotator, spans: own.flatMap(({ spans }) => spans) }));
}
