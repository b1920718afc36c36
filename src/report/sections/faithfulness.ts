import { type Html, html } from '../html.ts';
import { formatDifference, formatNumber } from '../numbers.ts';
import {
	type Choice,
	choicesOf,
	type DatasetGroup,
	findRow,
	headlineMasking,
	isNotEvaluable,
	maskingTitle,
	modelTitle,
	precisionText,
	type Setting,
	type View,
} from '../view.ts';
import { renderChoicePanels } from './choicePanels.ts';
import { renderMaskingAgreement } from './maskingAgreement.ts';
import { renderMeasures } from './measures.ts';
import { renderLegend, renderVerdict } from './panels.ts';
import { type ChoiceColumn, renderChoiceTable, renderStatistic } from './table.ts';
import type { SummaryRow } from '../../records/summaryRows.ts';

const subsets = ['all', 'correct', 'incorrect'];

/** Returns the section on faithfulness. */
export function renderFaithfulness(view: View): Html {
	return html`<section id="faithfulness"><h2>Faithfulness: does the answer change without the words?</h2>
		<p>Flip rate: the share of examples whose predicted label changes once the words are masked. “Random” masks as many
		random words of the same example; “excess” is the difference, compared example by example.
		“Human” masks the human rationale. Incorrectly classified examples count too, and are also shown apart.</p>
		${renderLegend('flip rate of as many random words')}
		${view.groups.map((group) => renderGroup(view, group))}</section>`;
}

function renderGroup(view: View, group: DatasetGroup): Html {
	const wanted = { metric: 'flip_rate', subset: 'all', masking: headlineMasking(view.input) };
	return html`<h3>${group.title}</h3>
		${renderChoicePanels(view, group, wanted, 'Flip rate', isNotEvaluable)}
		${group.settings.map((setting) => renderSetting(view, group, setting))}
		${renderMaskingAgreement(view, group.settings, group.title)}`;
}

function renderSetting(view: View, group: DatasetGroup, setting: Setting): Html {
	const [headline, ...others] = view.input.study.maskings;
	const precision = precisionText(setting);
	return html`<h4>${modelTitle(setting)}</h4><p>${renderVerdict(setting.verdict)}</p>
		${precision !== null && html`<p>${precision}</p>`}
		${headline !== undefined && renderFlips(view, group, setting, headline.id)}
		${others.map(({ id, title }) => {
			const table = renderFlips(view, group, setting, id);
			return table !== null && renderMore(`Masking: ${title}, ${modelTitle(setting)}`, table);
		})}
		${renderOthers(view, group, setting)}`;
}

function renderMore(title: string, table: Html): Html {
	return html`<details><summary>${title}</summary>${table}</details>`;
}

function renderFlips(view: View, group: DatasetGroup, setting: Setting, masking: string): Html | null {
	const rows = setting.rows.filter((row) => row.metric === 'flip_rate' && row.masking === masking);
	if (rows.length === 0) return null;
	const present = subsets.filter((subset) => rows.some((row) => row.subset === subset));
	const columns = present.flatMap((subset) => flipColumns(setting, subset, masking));
	const heads = present.map((subset) => ({
		title: subset === 'all' ? 'All examples' : `Classified ${subset}ly`,
		span: 3,
	}));
	const caption = `Flip rates of ${modelTitle(setting)} on ${group.title}; masking: ${maskingTitle(view.input, masking)}`;
	return renderChoiceTable(view, caption + mutedRemark(setting), choicesOf(view.input, rows), columns, heads);
}

function mutedRemark(setting: Setting): string {
	return isNotEvaluable(setting) ? ' (not evaluable)' : '';
}

/** Returns the columns flip rate, random control (its chance level) and excess. */
function flipColumns(setting: Setting, subset: string, masking: string): ChoiceColumn[] {
	const muted = isNotEvaluable(setting);
	const flips = (choice: Choice): SummaryRow | undefined =>
		findRow(setting, { metric: 'flip_rate', subset, masking, ...choice });
	const excess = { metric: 'flip_rate.excess', subset, masking };
	return [
		{ title: 'Flip rate', muted, row: flips, show: (row) => renderStatistic({ ...row, chance: null }, setting) },
		{ title: 'Random', muted, row: flips, show: ({ chance }) => html`${formatNumber(chance)}` },
		{
			title: 'Excess',
			muted,
			row: (choice) => findRow(setting, { ...excess, ...choice }),
			show: (row) => renderStatistic({ ...row, chance: null }, setting, formatDifference),
		},
	];
}

/** Returns the faithfulness metrics that are not flip rates; curves have a section of their own. */
function renderOthers(view: View, group: DatasetGroup, setting: Setting): Html | null {
	const ids = view.input.study.metrics.filter(({ family }) => family === 'faithfulness').map(({ id }) => id);
	const rows = setting.rows.filter(
		({ metric, method, share }) =>
			method !== null && share === undefined && ids.includes(metric) && !metric.startsWith('flip_rate'),
	);
	const title = `Other faithfulness measures, ${modelTitle(setting)}`;
	const caption = `${title}, ${group.title}${mutedRemark(setting)}`;
	return rows.length === 0
		? null
		: renderMore(title, renderMeasures(view, setting, caption, rows, isNotEvaluable(setting)));
}
