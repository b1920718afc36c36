import { type Html, html } from '../html.ts';
import { choicesOf, type DatasetGroup, findRow, matches, modelTitle, type Setting, type View } from '../view.ts';
import { renderChoicePanels } from './choicePanels.ts';
import { renderMeasures } from './measures.ts';
import { renderLegend } from './panels.ts';
import { type ChoiceColumn, renderChoiceTable, renderStatistic } from './table.ts';
import type { SummaryRow } from '../../records/summaryRows.ts';

const headline = { metric: 'token_f1.macro', subset: 'all' };

/** Returns the section on agreement with human rationales. */
export function renderAlignment(view: View): Html {
	return html`<section id="alignment"><h2>Agreement with human rationales</h2>
		<p>Token F1 of a method's words against the human ones, averaged over the examples. Methods that choose as many words
		as the human rationale has (top_var) are told its length; prompted ones (own) are not.</p>
		${renderLegend('what as many random words would reach')}
		${view.groups.map((group) => renderGroup(view, group))}</section>`;
}

function renderGroup(view: View, group: DatasetGroup): Html {
	const rows = group.settings.flatMap((setting) => alignmentRows(view, setting));
	if (rows.length === 0) return html`<h3>${group.title}</h3><p>Not measured: no human rationales.</p>`;
	const columns = group.settings.map(
		(setting): ChoiceColumn => ({
			title: modelTitle(setting),
			muted: false,
			row: (choice) => findRow(setting, { ...headline, ...choice }),
			show: (row) => renderStatistic(row, setting),
		}),
	);
	const caption = `Token F1 on ${group.title}`;
	return html`<h3>${group.title}</h3>
		${renderChoicePanels(view, group, headline, 'Token F1')}
		${renderChoiceTable(
			view,
			caption,
			choicesOf(
				view.input,
				rows.filter((row) => matches(row, headline)),
			),
			columns,
		)}
		${group.settings.map((setting) => renderDetails(view, setting, group.title))}`;
}

/** Returns the other alignment metrics and subsets of a setting. */
function renderDetails(view: View, setting: Setting, title: string): Html | null {
	const others = alignmentRows(view, setting).filter((row) => !matches(row, headline));
	return others.length === 0
		? null
		: html`<details><summary>Other agreement measures, ${modelTitle(setting)}</summary>
			${renderMeasures(view, setting, `Agreement of ${modelTitle(setting)} on ${title}`, others)}</details>`;
}

function alignmentRows({ input }: View, { rows }: Setting): SummaryRow[] {
	const ids = input.study.metrics.filter(({ family }) => family === 'alignment').map(({ id }) => id);
	return rows.filter(({ metric, method }) => method !== null && ids.includes(metric));
}
