/** The course of fine-tuning: accuracy, agreement and flip rate by epoch. */
import type { SummaryRow } from '../../study/records.ts';
import { type Line, renderLineChart, yRangeOf } from '../figures/lineChart.ts';
import { groupBy } from '../groupBy.ts';
import { type Html, html } from '../html.ts';
import { choicesOf, datasetTitle, findRow, methodTitle, placeOf, type Setting, type View } from '../view.ts';
import { renderPanels } from './panels.ts';
import { headRow, renderStatistic, renderTable } from './table.ts';

interface Course extends Line {
	readonly rows: readonly (SummaryRow | undefined)[];
}

/** Returns the section on epochs, or nothing when no model has more than one. */
export function renderEpochs(view: View): Html | null {
	const courses = [...groupBy(view.settings, placeOf).values()].filter((epochs) => epochs.length > 1);
	return courses.length === 0
		? null
		: html`<section id="epochs"><h2>Epoch by epoch</h2>
			<p>The other sections show the last epoch. Flip rates of epochs with one dominant label say nothing about the words.</p>
			${courses.map((epochs) => renderCourse(view, epochs))}</section>`;
}

function renderCourse(view: View, epochs: readonly Setting[]): Html {
	const [first] = epochs;
	if (first === undefined) return html``;
	const title = `${first.model} on ${datasetTitle(view.input, first.dataset)}, ${first.split} split`;
	const masking = view.input.study.maskings[0]?.id ?? null;
	const charts = [
		{ name: 'Accuracy and largest label share', lines: predictionLines(epochs) },
		{ name: 'Token F1', lines: methodLines(view, epochs, { metric: 'token_f1.macro', subset: 'all' }) },
		{ name: 'Flip rate', lines: methodLines(view, epochs, { metric: 'flip_rate', subset: 'all', masking }) },
	].filter(({ lines }) => lines.length > 0);
	const panels = charts.map(({ name, lines }) => ({
		...{ title: name, verdict: null },
		figure: renderLineChart({
			title: `${name}, ${title}`,
			xTitle: 'epoch',
			yTitle: '',
			lines,
			yRange: yRangeOf(lines),
		}),
	}));
	return html`<h3>${title}</h3>${renderPanels(panels)}
		<details><summary>The epochs as numbers</summary>${charts.map(({ name, lines }) => renderNumbers(`${name}, ${title}`, epochs, lines))}</details>`;
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
		headRow(['', ...epochs.map(({ epoch }) => `epoch ${epoch ?? 0}`)]),
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
	const points = rows.flatMap((row) => (row?.value == null ? [] : [{ x: row.epoch ?? 0, y: row.value }]));
	return { label, style, points, rows };
}
