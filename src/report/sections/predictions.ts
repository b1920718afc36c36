/** Accuracy and the labels a model predicts, against the gold ones. */
import type { PredictionRecord } from '../../records/records.ts';
import { type BarGroup, renderBarChart } from '../figures/barChart.ts';
import { type Fragment, type Html, html } from '../html.ts';
import { dash } from '../numbers.ts';
import { type DatasetGroup, findRow, metricTitle, modelTitle, type Setting, type View } from '../view.ts';
import { renderPanels, renderVerdict } from './panels.ts';
import { headRow, renderStatistic, renderTable } from './table.ts';

const headlines = ['accuracy', 'macro_f1', 'majority_share', 'prediction_entropy', 'label_mass', 'label_mass.low'];

/** What the ids of the shares of single labels begin with. */
const labelShare = 'label_share.';

/** Returns the section on predictions. */
export function renderPredictions(view: View): Html {
	return html`<section id="predictions"><h2>Accuracy and predicted labels</h2>
		<p>A model that gives one label to nearly everything cannot change its mind: its faithfulness figures say nothing about
		the words. The verdict weighs the share of the most frequent label, the spread of the labels, the accuracy and how much of
		the probability the labels have together: where that is little, the model would rather say something else.</p>
		${view.groups.map((group) => renderGroup(view, group))}</section>`;
}

function renderGroup(view: View, { title, settings }: DatasetGroup): Html {
	const present = settings.flatMap(({ rows }) =>
		rows.filter(({ method }) => method === null).map(({ metric }) => metric),
	);
	const shares = [...new Set(present)].filter((metric) => metric.startsWith(labelShare));
	const others = present.filter((metric) => !headlines.includes(metric) && !shares.includes(metric));
	const metrics = [...headlines.filter((metric) => present.includes(metric)), ...new Set(others)];
	const titles = ['Model', ...metrics.map((metric) => metricTitle(view.input, metric)), 'Verdict'];
	const body = settings.map((setting) => renderRow(setting, metrics, renderVerdict(setting.verdict)));
	const labels = ['Model', ...shares.map((metric) => metric.slice(labelShare.length))];
	const shareRows = settings.map((setting) => renderRow(setting, shares, null));
	const panels = settings
		.filter(({ predictions }) => predictions.length > 0)
		.map((setting) => ({
			title: `${modelTitle(setting)}, n ${setting.predictions.length}`,
			verdict: null,
			figure: renderLabels(setting),
		}));
	return html`<h3>${title}</h3>${renderTable(`Predictions on ${title}`, headRow(titles), body)}${
		shares.length > 0 && renderTable(`Share of each predicted label on ${title}`, headRow(labels), shareRows)
	}${renderPanels(panels)}`;
}

function renderRow(setting: Setting, metrics: readonly string[], verdict: Html | null): Html {
	const cell = (metric: string): Fragment => {
		const row = findRow(setting, { metric, subset: 'all', method: null });
		return html`<td>${row === undefined ? dash : renderStatistic(row, setting)}</td>`;
	};
	return html`<tr><th scope="row">${modelTitle(setting)}</th>${metrics.map(cell)}${
		verdict !== null && html`<td class="verdict">${verdict}</td>`
	}</tr>`;
}

/** Returns bars for the share of each label among the gold labels and among the predictions. */
function renderLabels(setting: Setting): Html {
	const gold = setting.predictions.flatMap((record) => (record.gold === null ? [] : [record.gold]));
	const predicted = setting.predictions.map(({ prediction }) => prediction);
	const groups = labelsOf(setting.predictions).map((label): BarGroup => {
		const common = { interval: null, chance: null };
		const bars = [
			{
				label: gold.length === predicted.length ? 'gold' : `gold, n ${gold.length}`,
				value: shareOf(gold, label),
				...common,
			},
			{ label: 'predicted', value: shareOf(predicted, label), ...common },
		];
		return { title: label, bars: bars.map((bar, i) => ({ ...bar, fill: i === 0 ? 'outline' : 'solid' })) };
	});
	const title = `Share of each label, gold and predicted, ${modelTitle(setting)}`;
	return renderBarChart({ title, groups, range: [0, 1] });
}

function labelsOf(predictions: readonly PredictionRecord[]): string[] {
	const labels = predictions.flatMap(({ probabilities, gold, prediction }) => [
		...Object.keys(probabilities),
		...(gold === null ? [] : [gold]),
		prediction,
	]);
	return [...new Set(labels)];
}

function shareOf(labels: readonly string[], label: string): number | null {
	return labels.length === 0 ? null : labels.filter((other) => other === label).length / labels.length;
}
