import { type Html, html } from '../html.ts';
import { splitTitle, type View } from '../view.ts';
import { headRow, renderTable } from './table.ts';
import type { SettingComparability } from '../../records/summaryRows.ts';

/** Returns the section; null where there is only one model and epoch per dataset. */
export function renderComparability(view: View): Html | null {
	const rows = view.input.summary.comparability ?? [];
	if (rows.length === 0) return null;
	const body = html`<tbody>${rows.map((row) => renderRow(view, row))}</tbody>`;
	const table = renderTable('Faithfulness figures side by side', headRow(titles), body);
	return html`<section id="comparability"><h2>Which models can be compared?</h2>
		<p>Faithfulness figures of two models, or of one at two epochs, may be set side by side only where this table says so.
		Agreement with people can always be compared on the same texts.</p>
		${rows.length > fewRows ? html`<details><summary>${rows.length} pairs</summary>${table}</details>` : table}</section>`;
}

const titles = ['Dataset', 'First', 'Second', 'Comparable', 'Why not, or why with care'];

/** Longer tables are folded. */
const fewRows = 12;

function renderRow({ input }: View, { dataset, split, first, second, level, reasons }: SettingComparability): Html {
	const words = { comparable: 'yes', 'with care': 'with care', 'not comparable': 'no' }[level];
	return html`<tr><th scope="row">${splitTitle(input, { dataset, split })}</th><td>${nameOf(first)}</td><td>${nameOf(second)}</td>
		<td>${words}</td><td>${reasons.map((reason) => html`<p>${reason}.</p>`)}</td></tr>`;
}

function nameOf({ model, epoch }: SettingComparability['first']): string {
	return epoch === null ? model : `${model}, epoch ${epoch}`;
}
