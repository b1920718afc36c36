/** Data rows that could not be used. */
import { BAD_ROW_KINDS, badRowCounts } from '../../core/badRow.ts';
import { type Html, html } from '../html.ts';
import { countOf } from '../numbers.ts';
import type { View } from '../view.ts';
import { headRow, renderTable } from './table.ts';

/** A longer list is cut, with the number that was left out. */
const limit = 200;

/** Returns the section on bad rows, or nothing when there are none. */
export function renderBadRows({ input: { badRows } }: View): Html | null {
	if (badRows.length === 0) return null;
	const body = badRows
		.slice(0, limit)
		.map(
			({ kind, file, line, problem }) =>
				html`<tr><th scope="row">${file}</th><td>${line}</td><td>${kind}</td><td>${problem}</td></tr>`,
		);
	const counts = badRowCounts(badRows).map(
		({ kind, count }) => html`<tr><th scope="row">${kind}</th><td>${count}</td><td>${BAD_ROW_KINDS[kind]}</td></tr>`,
	);
	return html`<section id="bad-rows"><h2>Data rows that could not be used</h2>
		${renderTable('Rows left out, by kind', headRow(['Kind', 'Rows', 'Meaning']), html`<tbody>${counts}</tbody>`)}
		<details open><summary>${countOf(badRows.length, 'row')}</summary>
		${renderTable('Rows left out', headRow(['File', 'Line', 'Kind', 'Problem']), html`<tbody>${body}</tbody>`)}
		${badRows.length > limit && html`<p>${countOf(badRows.length - limit, 'more row')} not listed.</p>`}</details></section>`;
}
