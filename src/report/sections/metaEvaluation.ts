import { type Html, html } from '../html.ts';
import { countOf, dash, formatInterval, formatNumber } from '../numbers.ts';
import { maskingTitle, metricTitle, modelTitle, type Setting, selectionTitle, type View } from '../view.ts';
import { headRow, renderTable } from './table.ts';
import type { MetricJudgement } from '../../records/summaryRows.ts';

type Judgement = MetricJudgement['methods'];

const titles = ['Metric', 'Words', 'Order of methods', 'Order of corrupted rationales', 'Told apart'];

/** Returns the section; null for studies without corrupted rationales. */
export function renderMetaEvaluation(view: View): Html | null {
	if ((view.input.summary.metaEvaluation ?? []).length === 0) return null;
	return html`<section id="meta-evaluation"><h2>Can the faithfulness metrics be trusted?</h2>
		<p>The annotation is taken for the truth: read this only where it is known to be what decides, as in the planted
		texts. “Order”: Kendall’s tau-b between the metric’s order of the methods, or of the rationales that were corrupted on
		purpose, and the true one; 1 is the true order, 0 none, −1 the opposite. “Told apart”: how often the metric prefers
		the truer of two corrupted rationales of one text; 0.5 by chance.</p>
		${view.groups.map(({ title, settings }) => html`<h3>${title}</h3>${settings.flatMap((setting) => renderSetting(view, title, setting))}`)}</section>`;
}

function renderSetting(view: View, group: string, setting: Setting): Html[] {
	const own = (view.input.summary.metaEvaluation ?? []).filter(
		({ model, dataset, split, epoch }) =>
			model === setting.model && dataset === setting.dataset && split === setting.split && epoch === setting.epoch,
	);
	return view.input.study.maskings.flatMap(({ id }) => {
		const rows = own.filter(({ masking }) => masking === id).toSorted((a, b) => worth(b) - worth(a));
		if (rows.length === 0) return [];
		const caption = `${modelTitle(setting)}, ${group}, masking: ${maskingTitle(view.input, id)}`;
		const body = html`<tbody>${rows.map((row) => renderRow(view, row))}</tbody>`;
		return [renderTable(caption, headRow(titles), body, 'figures')];
	});
}

/** The metric that tells rationales apart best comes first. */
function worth({ toldApart }: MetricJudgement): number {
	return toldApart.value ?? -1;
}

function renderRow({ input }: View, row: MetricJudgement): Html {
	return html`<tr><th scope="row">${metricTitle(input, row.metric)}</th><td>${selectionTitle(row.selection)}</td>
		${[row.methods, row.corrupted, row.toldApart].map(renderJudgement)}</tr>`;
}

function renderJudgement({ value, ci95, methods, n, missing, note }: Judgement): Html {
	if (value === null) return html`<td>${dash}<small class="note">${note ?? ''}</small></td>`;
	return html`<td>${formatNumber(value)} <i>${formatInterval(ci95)}</i><small>${countOf(methods, 'method')}, n ${n}, ${missing} missing</small></td>`;
}
