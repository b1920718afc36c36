/** The tables of the paper, as they are also written to files. */
import { type Html, html } from '../html.ts';
import { formatInterval } from '../numbers.ts';
import { countText, type ResultCell, resultTables } from '../tables/resultTables.ts';
import { notEvaluable, valueText } from '../tables/tableFiles.ts';
import type { View } from '../view.ts';
import { renderTable } from './table.ts';

/** Returns the section, or nothing when there is no number. */
export function renderResultTables(view: View): Html | null {
	const tables = resultTables(view);
	return tables.length === 0
		? null
		: html`<section id="tables"><h2>Tables</h2>
			<p>Every number with its 95 % interval; ${notEvaluable} stands where faithfulness cannot be judged. The same tables
			lie beside this page as tables.md, tables.tex and tables.csv.</p>
			${tables.map(
				({
					title,
					caption,
					heads,
					columns,
					rows,
					usualCounts,
				}) => html`<details><summary>${title}</summary><p>${caption}</p>
				${renderTable(
					title,
					html`<tr>${heads.map(nameHead)}${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr>`,
					html`<tbody>${rows.map(
						(row) =>
							html`<tr>${row.heads.map(nameCell)}${row.cells.map((cell, i) => renderCell(cell, usualCounts[i]))}</tr>`,
					)}</tbody>`,
					'figures',
				)}</details>`,
			)}</section>`;
}

function nameHead(title: string): Html {
	return html`<th scope="col" class="name">${title}</th>`;
}

/** Only the first name of a row stays in sight where the table scrolls. */
function nameCell(name: string, index: number): Html {
	return index === 0 ? html`<th scope="row">${name}</th>` : html`<td class="name">${name}</td>`;
}

function renderCell(cell: ResultCell, usual: number | null | undefined): Html {
	const interval = formatInterval(cell?.ci95 ?? null);
	return html`<td><b>${valueText(cell)}</b>${interval !== '' && html` <i>${interval}</i>`}${countText(cell, usual)}</td>`;
}
