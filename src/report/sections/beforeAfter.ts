import { groupBy } from '../../core/groupBy.ts';
import { itemAt } from '../../core/present.ts';
import { type Html, html } from '../html.ts';
import { formatDifference, formatInterval, formatNumber } from '../numbers.ts';
import {
	headlineMasking,
	maskingTitle,
	methodTitle,
	metricTitle,
	selectionTitle,
	type Setting,
	type View,
} from '../view.ts';
import { powerlessText, probability } from './tests.ts';
import { headRow, renderTable } from './table.ts';
import type { EpochComparison } from '../../records/summaryRows.ts';

/** Level of the tests. */
const level = 0.05;
const titles = ['Method', 'Epochs', 'After − before', 'p', 'p, Holm', 'Effect size', 'Examples'];

/** Returns the table of one model on one dataset; nothing where there was nothing to compare. */
export function renderBeforeAfter(view: View, { model, dataset, split }: Setting): Html {
	const rows = (view.input.summary.epochComparisons ?? []).filter(
		(row) => row.model === model && row.dataset === dataset && row.split === split && isShown(view, row),
	);
	if (rows.length === 0) return html``;
	const caption = `Before and after training, ${model} on ${dataset}`;
	const groups = groupBy(rows, ({ metric, selection, masking }) => JSON.stringify([metric, selection, masking]));
	const body = [...groups.values()].map((members) => {
		const [first] = members;
		return html`<tbody>${first !== undefined && renderHead(view, first, powerlessText(members, level))}${members.map((row) => renderRow(view, row))}</tbody>`;
	});
	return html`${renderTable(caption, headRow(titles), body, 'figures')}
		<p><small>Paired by example: the interval is a bootstrap, p a two-sided test of random signs; “Holm” corrects it for
		the methods of a block. Bold: p, Holm at most ${String(level)}. Other selections are in summary.json.</small></p>`;
}

/** One selection of each kind; the others are in the summary. */
function isShown({ input }: View, { method, selection, masking, metric }: EpochComparison): boolean {
	if (method === null) return true;
	if (masking !== null && masking !== headlineMasking(input)) return false;
	const selections = (input.summary.epochComparisons ?? []).filter(
		(row) => row.metric === metric && row.method === method,
	);
	return selections[0]?.selection === selection;
}

function renderHead(
	{ input }: View,
	{ metric, selection, masking, method }: EpochComparison,
	powerless: string | null,
): Html {
	const by = [
		metricTitle(input, metric),
		...(method === null ? [] : [selectionTitle(selection)]),
		...(masking === null ? [] : [maskingTitle(input, masking)]),
	];
	return html`<tr><th scope="rowgroup" class="group" colspan="${titles.length}">${by.join('; ')}${powerless !== null && html`<small class="note">${powerless}</small>`}</th></tr>`;
}

function renderRow({ input }: View, row: EpochComparison): Html {
	const { method, before, after, difference, ci95, p, pHolm, effectSize, n, missing, note } = row;
	const decisive = pHolm ?? p;
	const value = html`${formatDifference(difference)}`;
	const isClear = decisive !== null && decisive <= level;
	// The reasons stand above the charts.
	const short = note === null ? null : itemAt(note.split(': '), 0);
	return html`<tr><th scope="row">${method === null ? 'the predictions' : methodTitle(input, method)}</th><td>${before} → ${after}</td>
		<td>${isClear ? html`<b>${value}</b>` : value} <i>${formatInterval(ci95)}</i>${short !== null && html`<small class="note">${short}</small>`}</td>
		<td>${probability(p)}</td><td>${probability(pHolm)}</td><td>${formatNumber(effectSize)}</td>
		<td>${n}<small>${missing} missing</small></td></tr>`;
}
