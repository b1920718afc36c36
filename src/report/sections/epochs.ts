import { itemAt, present } from '../../core/present.ts';
import { type Band, type Line, renderLineChart, yRangeOf } from '../figures/lineChart.ts';
import { groupBy } from '../../core/groupBy.ts';
import { type Html, html } from '../html.ts';
import {
	choicesOf,
	splitTitle,
	findRow,
	headlineMasking,
	isNotEvaluable,
	methodTitle,
	placeOf,
	type Setting,
	verdictText,
	type View,
} from '../view.ts';
import { renderBeforeAfter } from './beforeAfter.ts';
import { renderPanels } from './panels.ts';
import { headRow, renderStatistic, renderTable } from './table.ts';
import type { SummaryRow } from '../../records/summaryRows.ts';

interface Course extends Line {
	readonly rows: readonly (SummaryRow | undefined)[];
}

/** Returns the section on epochs, or nothing when no model has more than one. */
export function renderEpochs(view: View): Html | null {
	const series = [...groupBy(view.settings, placeOf).values()].filter((epochs) => epochs.length > 1);
	return series.length === 0
		? null
		: html`<section id="epochs"><h2>Epoch by epoch</h2>
			<p>Epoch 0 is the model before training; the other sections show the last epoch. Bands are 95 % intervals. Where the
			predictions have collapsed onto one label, or are no better than one, nothing can be said about faithfulness: the flip
			rate has a gap there.</p>
			${series.map((epochs) => renderEpochSeries(view, epochs))}</section>`;
}

function renderEpochSeries(view: View, epochs: readonly Setting[]): Html {
	const [first] = epochs;
	if (first === undefined) return html``;
	const title = `${first.model} on ${splitTitle(view.input, first)}`;
	const masking = headlineMasking(view.input);
	const byMethod = (metric: string, subset: string, of: string | null): Course[] =>
		methodLines(view, epochs, { metric, subset, ...(of === null ? {} : { masking: of }) });
	const shown = [
		{ name: 'Accuracy and largest label share', lines: predictionLines(epochs) },
		{ name: 'Token F1', lines: byMethod('token_f1.macro', 'all', null) },
		{ name: 'Flip rate', lines: byMethod('flip_rate', 'all', masking) },
	].filter(({ lines }) => lines.length > 0);
	const more = [
		{ name: 'Share of each predicted label', lines: labelLines(epochs) },
		{ name: 'Token F1, correct predictions', lines: byMethod('token_f1.macro', 'correct', null) },
		{ name: 'Flip rate, correct predictions', lines: byMethod('flip_rate', 'correct', masking) },
		{ name: 'Flip rate beyond random words', lines: byMethod('flip_rate.excess', 'all', masking) },
	].filter(({ lines }) => lines.length > 0);
	const panelsOf = (charts: readonly { name: string; lines: Course[] }[]): Html =>
		renderPanels(charts.map(({ name, lines }) => panelOf(name, title, lines)));
	const tables = [...shown, ...more].map(({ name, lines }) => renderNumbers(`${name}, ${title}`, epochs, lines));
	return html`<h3>${title}</h3><p>${verdictSentence(epochs)}</p>${panelsOf(shown)}
		${renderBeforeAfter(view, first)}
		<details><summary>Labels, correct predictions, and random words</summary>${panelsOf(more)}</details>
		<details><summary>The epochs as numbers</summary>${tables}</details>`;
}

function panelOf(name: string, title: string, lines: readonly Course[]) {
	return {
		title: name,
		verdict: null,
		figure: renderLineChart({
			title: `${name}, ${title}`,
			xTitle: 'epoch',
			yTitle: '',
			lines,
			yRange: yRangeOf(lines),
		}),
	};
}

/** Returns at which epochs faithfulness can be judged, and why not at the others. */
function verdictSentence(epochs: readonly Setting[]): string {
	const voids = epochs.filter(isNotEvaluable);
	if (voids.length === 0) return 'Faithfulness can be judged at every epoch.';
	const byReason = groupBy(voids, reasonOf);
	const parts = [...byReason.values()].map((members) => {
		const numbers = members.map(epochOf);
		return `epoch ${numbers.join(', ')} (${verdictText(itemAt(members, 0).verdict)})`;
	});
	return `Faithfulness cannot be judged at ${parts.join('; ')}.`;
}

/** Returns the first reason against judging, without its numbers. */
function reasonOf({ verdict }: Setting): string {
	return itemAt(present(verdict, 'verdict').reasons, 0, 'reason').replaceAll(/\d[\d.,]*/gu, 'n');
}

/** Returns the number of an epoch; a model as it is counts as before training. */
function epochOf({ epoch }: { readonly epoch: number | null }): number {
	return epoch ?? 0;
}

function renderNumbers(caption: string, epochs: readonly Setting[], lines: readonly Course[]): Html {
	const body = lines.map(
		({ label, rows }) =>
			html`<tr><th scope="row">${label}</th>${rows.map((row, i) => {
				const setting = epochs[i];
				return html`<td>${row === undefined || setting === undefined ? '—' : renderStatistic(row, setting)}</td>`;
			})}</tr>`,
	);
	return renderTable(
		caption,
		headRow(['', ...epochs.map((setting) => `epoch ${epochOf(setting)}`)]),
		html`<tbody>${body}</tbody>`,
		'figures',
	);
}

function predictionLines(epochs: readonly Setting[]): Course[] {
	const metrics = [
		{ label: 'accuracy', metric: 'accuracy' },
		{ label: 'largest share', metric: 'majority_share' },
	];
	return metrics
		.map(({ label, metric }, style) => courseOf(epochs, label, style, { metric, subset: 'all' }))
		.filter(({ points }) => points.length > 0);
}

function labelLines(epochs: readonly Setting[]): Course[] {
	const prefix = 'label_share.';
	const metrics = epochs.flatMap(({ rows }) => rows.map(({ metric }) => metric));
	const labels = [...new Set(metrics.filter((metric) => metric.startsWith(prefix)))];
	return labels.map((metric, style) => courseOf(epochs, metric.slice(prefix.length), style, { metric, subset: 'all' }));
}

/** Returns a line per method, with the first of its selections. */
function methodLines(view: View, epochs: readonly Setting[], wanted: Partial<SummaryRow>): Course[] {
	const rows = epochs.flatMap((setting) => setting.rows.filter(({ metric }) => metric === wanted.metric));
	const byMethod = groupBy(choicesOf(view.input, rows), ({ method }) => method);
	const methods = view.input.study.methods.map(({ id }) => id);
	return [...byMethod]
		.map(([method, [choice]]) =>
			courseOf(epochs, methodTitle(view.input, method), Math.max(0, methods.indexOf(method)), { ...wanted, ...choice }),
		)
		.filter(({ points }) => points.length > 0);
}

function courseOf(epochs: readonly Setting[], label: string, style: number, wanted: Partial<SummaryRow>): Course {
	const rows = epochs.map((setting) => findRow(setting, wanted));
	const points = rows.flatMap((row) => (row?.value == null ? [] : [{ x: epochOf(row), y: row.value }]));
	const band = rows.flatMap((row): Band[] =>
		row?.ci95 == null ? [] : [{ x: epochOf(row), low: row.ci95[0], high: row.ci95[1] }],
	);
	return { label, style, points, band, rows };
}
