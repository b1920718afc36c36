import { type Fragment, type Html, html } from '../html.ts';
import { dash, formatInterval, formatNumber } from '../numbers.ts';
import {
	type Choice,
	familyOf,
	methodTitle,
	noteBesideVerdict,
	type Setting,
	selectionTitle,
	type View,
} from '../view.ts';
import type { SummaryRow } from '../../records/summaryRows.ts';

/** A column of a table with one row per method and selection. */
export interface ChoiceColumn {
	readonly title: string;
	/** True for numbers that must not be read. */
	readonly muted: boolean;
	readonly row: (choice: Choice) => SummaryRow | undefined;
	readonly show: (row: SummaryRow) => Html;
}

export interface ColumnHead {
	readonly title: string;
	readonly span: number;
}

/** Returns a table in a box that scrolls sideways where the page is narrow: of text, or of numbers to compare. */
export function renderTable(
	caption: string,
	head: Fragment,
	body: Fragment,
	kind: 'listing' | 'figures' = 'listing',
): Html {
	return html`<div class="scroll" role="region" tabindex="0" aria-label="${caption}"><table class="${kind}">
		<caption><span>${caption}</span></caption><thead>${head}</thead>${body}</table></div>`;
}

/** Returns a row of column headings. */
export function headRow(titles: readonly string[]): Html {
	return html`<tr>${titles.map((title) => html`<th scope="col">${title}</th>`)}</tr>`;
}

/** Returns a table with a row per method, grouped by selection; columns and rows without any number are left out. */
export function renderChoiceTable(
	view: View,
	caption: string,
	choices: readonly Choice[],
	columns: readonly ChoiceColumn[],
	heads: readonly ColumnHead[] = [],
): Html {
	const rows = choices.filter((choice) => columns.some((column) => column.row(choice) !== undefined));
	const top = heads.map(({ title, span }) => html`<th scope="colgroup" colspan="${span}">${title}</th>`);
	const titles = html`${headRow(['Method', ...columns.map(({ title }) => title)])}`;
	const body = selectionsOf(rows).map((selection) => {
		const members = rows.filter((choice) => choice.selection === selection);
		return html`<tbody>
			<tr><th scope="rowgroup" class="group" colspan="${columns.length + 1}">${selectionTitle(selection)}</th></tr>
			${members.map((choice) => renderChoiceRow(view, choice, columns))}</tbody>`;
	});
	return renderTable(caption, [heads.length > 0 && html`<tr><td></td>${top}</tr>`, titles], body, 'figures');
}

function selectionsOf(choices: readonly Choice[]): (string | null)[] {
	return [...new Set(choices.map(({ selection }) => selection))];
}

function renderChoiceRow(view: View, choice: Choice, columns: readonly ChoiceColumn[]): Html {
	const family = familyOf(view.input, choice.method);
	return html`<tr class="${family}"><th scope="row">${methodTitle(view.input, choice.method)}${
		family === 'reference' && html` <small>reference</small>`
	}</th>${columns.map((column) => renderCell(column, column.row(choice)))}</tr>`;
}

function renderCell({ muted, show }: ChoiceColumn, row: SummaryRow | undefined): Html {
	return row === undefined
		? html`<td>${dash}<small>not computed</small></td>`
		: html`<td${muted && html` class="muted"`}>${show(row)}</td>`;
}

/** Returns a number with everything needed to judge it, but for what the setting's verdict says already. */
export function renderStatistic(row: SummaryRow, setting: Setting, show = formatNumber): Html {
	const note = noteBesideVerdict(row, setting);
	return html`<b>${show(row.value)}</b>${row.ci95 !== null && html` <i>${formatInterval(row.ci95)}</i>`}<small>${countsOf(row)}</small>${
		note !== null && html`<small class="note">${note}</small>`
	}`;
}

/** Returns `n 300 · 2 missing · chance 0.25`. */
function countsOf({ n, missing, chance }: SummaryRow): string {
	return [`n ${n}`, `${missing} missing`, ...(chance === null ? [] : [`chance ${formatNumber(chance)}`])].join(' · ');
}

/** Returns the counts of a row as a clause: `n 300, chance 0.25`. */
export function clauseOf({ n, missing, chance }: SummaryRow): string {
	const parts = [`n ${n}`, missing > 0 && `${missing} missing`, chance !== null && `${formatNumber(chance)} by chance`];
	return parts.filter((part) => part !== false).join(', ');
}
