/** The text of `summary.json`. */
import type { Summary } from './summaryRows.ts';

/** Returns the JSON text with an entry of a list per line. */
export function summaryText({ schema, study, ...lists }: Summary): string {
	const list = (name: string, entries: readonly object[]): string =>
		`"${name}":[\n${entries.map((entry) => JSON.stringify(entry)).join(',\n')}\n]`;
	const texts = Object.entries(lists).map(([name, entries]: [string, readonly object[]]) => list(name, entries));
	return `{"schema":${schema},"study":${JSON.stringify(study)},${texts.join(',')}}\n`;
}
