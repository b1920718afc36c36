import { type Html, html } from '../html.ts';
import { formatNumber } from '../numbers.ts';
import { metricTitle, modelTitle, type Setting, selectionTitle, type View } from '../view.ts';
import { headRow, renderTable } from './table.ts';
import type { MaskingAgreement } from '../../records/summaryRows.ts';

const titles = ['Model', 'Metric', 'Words', 'Maskings', 'Kendall tau-b', 'Methods'];

/** Returns a table of a dataset's settings; null where there is one masking only. */
export function renderMaskingAgreement(view: View, settings: readonly Setting[], caption: string): Html | null {
	const rows = settings.flatMap((setting) => agreementsOf(view, setting).map((row) => renderRow(view, setting, row)));
	if (rows.length === 0) return null;
	const title = `Order of the methods under two maskings, ${caption}`;
	return html`<details><summary>Do the maskings agree?</summary>
		<p>1: both put the methods in the same order; 0: no agreement; −1: opposite orders. Of few methods tau says little.</p>
		${renderTable(title, headRow(titles), html`<tbody>${rows}</tbody>`)}</details>`;
}

function agreementsOf({ input }: View, { model, dataset, split, epoch }: Setting): MaskingAgreement[] {
	return (input.summary.maskingAgreement ?? []).filter(
		(row) => row.model === model && row.dataset === dataset && row.split === split && row.epoch === epoch,
	);
}

function renderRow({ input }: View, setting: Setting, row: MaskingAgreement): Html {
	const { metric, selection, first, second, tau, n, note } = row;
	return html`<tr><th scope="row">${modelTitle(setting)}</th><td>${metricTitle(input, metric)}</td>
		<td>${selectionTitle(selection)}</td><td>${first}, ${second}</td>
		<td>${formatNumber(tau)}${note !== null && html`<small class="note">${note}</small>`}</td><td>${n}</td></tr>`;
}
