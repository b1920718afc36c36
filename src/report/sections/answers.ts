/** How the models answered when asked for their words. */
import type { AnswerStatus } from '../../records/records.ts';
import { type Html, html } from '../html.ts';
import { formatShare } from '../numbers.ts';
import type { AnswerRates } from '../../records/summaryRows.ts';
import { datasetTitle, methodTitle, modelTitle, type Setting, type View } from '../view.ts';
import { headRow, renderTable } from './table.ts';

const statuses: readonly { readonly status: AnswerStatus; readonly title: string }[] = [
	{ status: 'ok', title: 'All words in the text' },
	{ status: 'partial', title: 'Some words not in the text' },
	{ status: 'empty_match', title: 'No word in the text' },
	{ status: 'no_rationale', title: 'No words given (refusal, empty)' },
];

/** Returns the section on prompted answers, or nothing when no model was asked. */
export function renderAnswers(view: View): Html | null {
	const answerRates = view.input.answerRates.filter((rates) => settingOf(view, rates) !== undefined);
	if (answerRates.length === 0) return null;
	const titles = [
		...['Model', 'Prompt', ...statuses.map(({ title }) => title)],
		...['Another number than asked for', 'Cut off at the upper limit of tokens'],
	];
	const datasets = [...new Set(answerRates.map(({ dataset }) => dataset))];
	return html`<section id="answers"><h2>Answers to rationale prompts</h2>
		<p>Share of the answers, with counts. Answers without a usable word score 0 in agreement over all examples.</p>
		${datasets.map((dataset) => {
			const rows = answerRates.filter((rates) => rates.dataset === dataset).map((rates) => renderRow(view, rates));
			return renderTable(datasetTitle(view.input, dataset), headRow(titles), html`<tbody>${rows}</tbody>`);
		})}</section>`;
}

function renderRow(view: View, rates: AnswerRates): Html {
	const { input } = view;
	const { model, dataset, method, counts, wrongLength } = rates;
	const setting = settingOf(view, rates);
	const total = statuses.reduce((sum, { status }) => sum + counts[status], 0);
	return html`<tr><th scope="row">${setting === undefined ? model : modelTitle(setting)}</th>
		<td>${methodTitle(input, method)}</td>
		${statuses.map(({ status }) => html`<td>${formatShare(counts[status], total)}</td>`)}
		<td>${formatShare(wrongLength, total)}</td>
		<td>${formatShare(cutOffCount(view, { model, dataset, method }), total)}</td></tr>`;
}

/** Returns the setting the rates are of, where the page shows it: the last epoch of a model. */
function settingOf({ groups }: View, { model, dataset, epoch = null }: AnswerRates): Setting | undefined {
	return groups
		.flatMap(({ settings }) => settings)
		.find((setting) => setting.model === model && setting.dataset === dataset && setting.epoch === epoch);
}

function cutOffCount({ groups }: View, at: Pick<AnswerRates, 'model' | 'dataset' | 'method'>): number {
	const settings = groups.flatMap((group) => group.settings);
	return settings
		.filter(({ model, dataset }) => model === at.model && dataset === at.dataset)
		.flatMap(({ rationales }) => rationales)
		.filter(({ method, answer }) => method === at.method && answer?.cutOff === true).length;
}
