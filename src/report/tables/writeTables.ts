/** The result tables as texts by file name. */
import type { ReportInput } from '../reportInput.ts';
import { createView } from '../view.ts';
import { resultTables } from './resultTables.ts';
import { csvTables, latexTables, markdownTables } from './tableFiles.ts';

/** Returns the text of each file that lies beside the report. */
export function tableFiles(input: ReportInput): Readonly<Record<string, string>> {
	const tables = resultTables(createView(input));
	return { 'tables.md': markdownTables(tables), 'tables.tex': latexTables(tables), 'tables.csv': csvTables(tables) };
}
