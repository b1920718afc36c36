/** Datasets with human rationales, read from the files as their authors publish them. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UserError, unknownName } from '../../core/errors.ts';
import type { Example } from '../../core/example.ts';
import type { BadRow } from '../../core/badRow.ts';
import { isBlank } from '../../core/whiteSpace.ts';
import type { Source } from '../../network/sources/source.ts';
import { collect, type Collected, RowProblem } from '../badRows.ts';
import type { RawTable } from '../rawTable.ts';

/** What was found in the files of one split. */
export interface Reading {
	readonly examples: readonly Example[];
	readonly badRows: readonly BadRow[];
	/** What was left out by the dataset's own rules, and how much of it, in words. */
	readonly notes: readonly string[];
}

export interface PublishedDataset {
	readonly id: string;
	readonly title: string;
	/** Name of its task file, without `.yaml`. */
	readonly task: string;
	/** Splits as its authors name them, in their order; the last one is measured on unless a study says otherwise. */
	readonly splits: readonly string[];
	/** What lies in its folder. */
	readonly files: string;
	readonly source: string;
	readonly licence: string;
	/** Where its authors keep these files, for those who ask to have them fetched. */
	readonly fetchFrom: Source;
	/**
	 * Returns the examples of a split.
	 * @throws UserError where folder, file or split does not exist; rows that cannot be used are returned, not thrown.
	 */
	read(path: string, split: string): Promise<Reading>;
}

/** The names that people give to one split. */
const SAME_SPLIT: readonly (readonly string[])[] = [['dev', 'val', 'validation', 'valid']];

/** Returns the authors' name of a split. Throws a `UserError` that lists all where there is none like it. */
export function splitNamed(dataset: string, split: string, splits: readonly string[]): string {
	const names = SAME_SPLIT.find((group) => group.includes(split)) ?? [split];
	const found = splits.find((name) => names.includes(name));
	if (found === undefined) throw unknownName(dataset, 'split', split, splits);
	return found;
}

/**
 * Returns the file that a path means: the path itself where it is a file, else the first of the names that lies in the
 * folder. Throws a `UserError` that lists the names where none does.
 */
export function fileIn(path: string, names: readonly string[]): string {
	const found = fileIfIn(path, names);
	if (found !== null) return found;
	if (!existsSync(path)) throw new UserError(`${path}: there is no such file or folder. ${expected(names)}`);
	const there = readdirSync(path).toSorted();
	const listed = there.length > 8 ? [...there.slice(0, 8), `${there.length - 8} more`] : there;
	throw new UserError(
		`${path}: holds none of the files of this split. ${expected(names)} The folder holds ${listed.join(', ') || 'nothing'}.`,
	);
}

/** Returns the file as `fileIn` does, null where there is none. */
export function fileIfIn(path: string, names: readonly string[]): string | null {
	if (!existsSync(path)) return null;
	if (!statSync(path).isDirectory()) return path;
	return names.map((name) => join(path, name)).find((file) => existsSync(file)) ?? null;
}

function expected(names: readonly string[]): string {
	return `Expected ${names.join(' or ')}, or give the path of the file itself.`;
}

/** An example and the row it stands in. */
export interface ReadRow {
	readonly line: number;
	readonly example: Example;
}

/** Returns the rows whose id no earlier row has; `taken` says where an id stands, in this file or one before it. */
export function withDifferentIds(
	file: string,
	rows: readonly ReadRow[],
	taken: Map<string, string> = new Map(),
): Collected<ReadRow> {
	return collect(file, rows, (row) => {
		const { line, example } = row;
		const earlier = taken.get(example.id);
		if (earlier !== undefined) throw new RowProblem('id', `id "${example.id}" is taken by ${earlier}`);
		taken.set(example.id, `line ${line} of ${basename(file)}`);
		return row;
	});
}

/** Throws a `UserError` for a file that lacks a column, or all of several names for it: then no row can be used. */
export function requireColumns(
	file: string,
	{ columns, rows }: RawTable,
	needed: readonly (string | readonly string[])[],
): void {
	if (rows.length === 0) return;
	const missing = needed
		.map((names) => [names].flat())
		.filter((names) => !names.some((name) => columns.includes(name)))
		.map((names) => names.join(' or '));
	if (missing.length === 0) return;
	const noun = missing.length === 1 ? 'column' : 'columns';
	throw new UserError(
		`${file}: lacks the ${noun} ${missing.join(', ')}. It has ${columns.join(', ')}. Take the file as its authors publish it.`,
	);
}

/** Returns the label where it is one of those that may occur. Throws a `RowProblem` where it is not. */
export function labelIn(label: unknown, labels: readonly string[]): string {
	if (label === undefined || label === null) throw new RowProblem('form', 'the label is not there');
	const found = labels.find((known) => known === label);
	if (found === undefined) {
		throw new RowProblem('label', `unknown label ${JSON.stringify(label)}; the labels are ${labels.join(', ')}`);
	}
	return found;
}

/** Returns the text of a field. Throws a `RowProblem` where it is none or empty. */
export function textIn(cells: ReadonlyMap<string, unknown>, column: string): string {
	const value = cells.get(column);
	if (typeof value !== 'string' && typeof value !== 'number') {
		throw new RowProblem('form', `"${column}" is ${value === undefined ? 'not there' : 'no text'}`);
	}
	const text = String(value);
	if (isBlank(text)) throw new RowProblem('text', `"${column}" is empty`);
	return text;
}

/** Returns `1 annotation`, `3 annotations` with what happened to them; nothing for none. */
export function noteOf(count: number, noun: string, what: string): string[] {
	return count === 0 ? [] : [`${count} ${noun}${count === 1 ? '' : 's'} ${what}`];
}
