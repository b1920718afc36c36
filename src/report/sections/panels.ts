/** Charts side by side, their legend, and the verdict above them. */
import { type BarFill, renderBarKey } from '../figures/barChart.ts';
import { type Html, html } from '../html.ts';
import type { SettingVerdict } from '../../records/summaryRows.ts';
import { isNotEvaluable, modelTitle, type Setting, verdictText } from '../view.ts';

export interface Panel {
	readonly title: string;
	readonly verdict: SettingVerdict | null;
	readonly figure: Html;
}

/** Returns a panel about a model; its verdict is said where figures must not be read. */
export function panelOf(setting: Setting, figure: Html, title = modelTitle(setting)): Panel {
	return { title, verdict: isNotEvaluable(setting) ? setting.verdict : null, figure };
}

/** Returns charts that stand side by side where there is room. */
export function renderPanels(panels: readonly Panel[]): Html {
	return html`<div class="panels">${panels.map(
		({ title, verdict, figure }) =>
			html`<figure${verdict !== null && html` class="unread"`}><figcaption>${title}${
				verdict !== null && html`<small>${renderVerdict(verdict)}</small>`
			}</figcaption>${figure}</figure>`,
	)}</div>`;
}

const signs = { evaluable: '✓', 'with care': '!', 'not evaluable': '✕' } as const;

/** Returns the verdict in words, with a sign before it. */
export function renderVerdict(verdict: SettingVerdict | null): Html {
	if (verdict === null) return html`${verdictText(verdict)}`;
	const warns = verdict.level !== 'evaluable';
	return html`<span${warns && html` class="note"`}>${signs[verdict.level]} ${verdictText(verdict)}</span>`;
}

const fills: readonly { readonly fill: BarFill; readonly title: string }[] = [
	{ fill: 'solid', title: 'attribution method' },
	{ fill: 'light', title: 'prompting method' },
	{ fill: 'outline', title: 'reference' },
	{ fill: 'dashed', title: 'not evaluable' },
];

/** Returns what the bars, whiskers and ticks of the charts below mean. */
export function renderLegend(chance: string): Html {
	return html`<ul class="legend">${fills.map(({ fill, title }) => html`<li>${renderBarKey(fill)} ${title}</li>`)}
		<li>${renderBarKey('whisker')} 95 % interval</li><li>${renderBarKey('chance')} ${chance}</li></ul>`;
}
