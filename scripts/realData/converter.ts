/** What the converters of authors' files share. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Converter {
	/** Files below the authors' folder without which nothing is made. */
	readonly needs: readonly string[];
	/** Writes the dataset into a folder and returns a line a file: what it holds, what was left out. */
	readonly convert: (authors: string, folder: string) => string[];
}

/** Returns the values of a JSON Lines file. Throws an error with file and line. */
export function jsonLines(file: string): unknown[] {
	return linesOf(file).map((line, i) => {
		try {
			return JSON.parse(line) as unknown;
		} catch (error) {
			throw new Error(`${file}:${i + 1}: no JSON`, { cause: error });
		}
	});
}

/** Returns the lines of a text file, without the empty one after the last line feed. */
export function linesOf(file: string): string[] {
	const lines = readFileSync(file, 'utf8').split('\n');
	return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** Writes values as JSON Lines and returns how it was called and how many. */
export function writeLines(folder: string, name: string, values: readonly object[]): string {
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, name), values.map((value) => `${JSON.stringify(value)}\n`).join(''));
	return `${name}, ${values.length} rows`;
}

/** Writes a table with a header; every cell is quoted. */
export function writeCsv(folder: string, name: string, header: readonly string[], rows: readonly string[][]): string {
	mkdirSync(folder, { recursive: true });
	const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`;
	writeFileSync(join(folder, name), [header, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join(''));
	return `${name}, ${rows.length} rows`;
}
