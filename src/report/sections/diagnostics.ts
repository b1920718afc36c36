/** What the methods say about their own scores: completeness error, fit, number of prompts. */
import type { RationaleRecord } from '../../records/records.ts';
import { type Html, html } from '../html.ts';
import { formatDiagnostic } from '../numbers.ts';
import { methodTitle, modelTitle, type Setting, type View } from '../view.ts';
import { headRow, renderTable } from './table.ts';

const titles = ['Model', 'Method', 'What', 'Mean', 'Least', 'Most', 'Texts'];

/** Returns the section, or nothing where no method says anything. */
export function renderDiagnostics(view: View): Html | null {
	const tables = view.groups.flatMap(({ title, settings }) => {
		const rows = settings.flatMap((setting) => diagnosticsOf(view, setting).map((row) => renderRow(setting, row)));
		return rows.length === 0 ? [] : [renderTable(title, headRow(titles), html`<tbody>${rows}</tbody>`)];
	});
	if (tables.length === 0) return null;
	return html`<section id="diagnostics"><h2>How far the scores can be trusted</h2>
		<p>Numbers that methods give with their scores, over all texts. “1 yes, 0 no”: the mean is the share of texts with yes.</p>
		${tables}</section>`;
}

interface DiagnosticRow {
	readonly method: string;
	readonly title: string;
	readonly values: readonly number[];
}

/** Returns a row for each number of each method, in the order of the study; texts without the number are left out. */
function diagnosticsOf({ input }: View, { rationales }: Setting): DiagnosticRow[] {
	return input.study.methods.flatMap(({ id, diagnostics: declared = {} }) => {
		const own = rationales.filter(({ method }) => method === id);
		const names = new Set(own.flatMap(({ diagnostics = {} }) => Object.keys(diagnostics)));
		return [...names]
			.map((name) => ({ method: methodTitle(input, id), title: declared[name] ?? name, values: valuesOf(own, name) }))
			.filter(({ values }) => values.length > 0);
	});
}

function valuesOf(rationales: readonly RationaleRecord[], name: string): number[] {
	return rationales.flatMap(({ diagnostics }) => diagnostics?.[name] ?? []);
}

function renderRow(setting: Setting, { method, title, values }: DiagnosticRow): Html {
	const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
	return html`<tr><th scope="row">${modelTitle(setting)}</th><td>${method}</td><td>${title}</td>
		<td>${formatDiagnostic(mean)}</td><td>${formatDiagnostic(Math.min(...values))}</td>
		<td>${formatDiagnostic(Math.max(...values))}</td><td>${values.length}</td></tr>`;
}
