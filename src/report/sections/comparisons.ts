import { groupBy } from '../../core/groupBy.ts';
import { type Html, html } from '../html.ts';
import { countOf, dash, formatDifference, formatInterval, formatNumber } from '../numbers.ts';
import {
	type DatasetGroup,
	headlineMasking,
	isNotEvaluable,
	maskingTitle,
	methodTitle,
	metricTitle,
	modelTitle,
	selectionTitle,
	type Setting,
	verdictText,
	type View,
} from '../view.ts';
import { powerlessText, probability } from './tests.ts';
import { headRow, renderTable } from './table.ts';
import type { SummaryComparison } from '../../records/summaryRows.ts';

/** Shown; the others are in the summary. */
const headlines = ['token_f1.macro', 'flip_rate.excess'];
const level = 0.05;
const titles = ['First', 'Second', 'First − second', 'p', 'p, Holm', 'Effect size', 'Examples', 'Needed'];

/** Returns the section on differences between methods; null where nothing was compared. */
export function renderComparisons(view: View): Html | null {
	if ((view.input.summary.comparisons ?? []).length === 0) return null;
	return html`<section id="comparisons"><h2>Do the methods differ?</h2>
		<p>Every two methods on the same examples. The interval is a paired bootstrap, p a two-sided test of random signs, exact
		where all signs can be counted, else drawn; “Holm” corrects it for the number of pairs in the table. Effect size: mean over standard deviation of
		the differences. “Needed”: examples it would take to find a difference of this size (level 0.05 without
		correction, power 0.8). Other selections, maskings and metrics are in summary.json.</p>
		${view.groups.map((group) => renderGroup(view, group))}</section>`;
}

function renderGroup(view: View, group: DatasetGroup): Html {
	const tables = group.settings.flatMap((setting) => renderSetting(view, group, setting));
	return html`<h3>${group.title}</h3>${tables.length === 0 ? html`<p>Nothing to compare.</p>` : tables}`;
}

function renderSetting(view: View, group: DatasetGroup, setting: Setting): Html[] {
	const masking = headlineMasking(view.input);
	const shown = comparisonsOf(view, setting).filter(
		(row) => headlines.includes(row.metric) && (row.masking === null || row.masking === masking),
	);
	const families = groupBy(shown, ({ metric, selection }) => JSON.stringify([metric, selection]));
	return [...families.values()].map((rows) => renderFamily(view, group, setting, rows));
}

function comparisonsOf({ input }: View, { model, dataset, split, epoch }: Setting): SummaryComparison[] {
	return (input.summary.comparisons ?? []).filter(
		(row) => row.model === model && row.dataset === dataset && row.split === split && row.epoch === epoch,
	);
}

function renderFamily(view: View, group: DatasetGroup, setting: Setting, rows: readonly SummaryComparison[]): Html {
	const [first] = rows;
	if (first === undefined) return html``;
	const { metric, selection, masking } = first;
	const by =
		masking === null ? selectionTitle(selection) : `${selectionTitle(selection)}; ${maskingTitle(view.input, masking)}`;
	const title = `${metricTitle(view.input, metric)}, ${modelTitle(setting)}, ${by}`;
	if (masking !== null && isNotEvaluable(setting)) return html`<p>${title}: ${verdictText(setting.verdict)}</p>`;
	const clear = rows.filter(({ pHolm }) => pHolm !== null && pHolm <= level).length;
	const sorted = rows.toSorted((a, b) => (a.pHolm ?? 2) - (b.pHolm ?? 2));
	const powerless = powerlessText(rows, level);
	return html`<details><summary>${title}: ${clear} of ${countOf(rows.length, 'pair')} differ clearly</summary>
		${powerless !== null && html`<p class="note">${powerless}</p>`}${renderTable(`${title}, ${group.title}`, headRow(titles), html`<tbody>${sorted.map((row) => renderRow(view, row))}</tbody>`, 'figures')}</details>`;
}

function renderRow({ input }: View, row: SummaryComparison): Html {
	const { first, second, difference, ci95, effectSize, needed, n, missing, note } = row;
	const isClear = row.pHolm !== null && row.pHolm <= level;
	const value = html`${formatDifference(difference)}`;
	return html`<tr><th scope="row">${methodTitle(input, first)}</th><td>${methodTitle(input, second)}</td>
		<td>${isClear ? html`<b>${value}</b>` : value} <i>${formatInterval(ci95)}</i>${note !== null && html`<small class="note">${note}</small>`}</td>
		<td>${probability(row.p)}</td><td>${probability(row.pHolm)}</td><td>${formatNumber(effectSize)}</td>
		<td>${n}<small>${missing} missing</small></td><td>${needed ?? dash}</td></tr>`;
}
