/** Flip rate against the share of words masked, most important words first: the rows of `flip_curve`. */
import { present } from '../../core/present.ts';
import { type Band, type Line, renderLineChart, yRangeOf } from '../figures/lineChart.ts';
import { type Html, html } from '../html.ts';
import { dash } from '../numbers.ts';
import type { SummaryRow } from '../../records/summaryRows.ts';
import {
	choicesOf,
	type DatasetGroup,
	headlineMasking,
	maskingTitle,
	methodTitle,
	modelTitle,
	type Setting,
	type View,
} from '../view.ts';
import { panelOf, renderPanels } from './panels.ts';
import { headRow, renderStatistic, renderTable } from './table.ts';

/** A point of a curve. */
type CurveRow = SummaryRow & { readonly share: number };

interface Curve extends Line {
	/** By rising share. */
	readonly rows: readonly CurveRow[];
}

/** Returns the section of curves, or nothing when none was recorded. */
export function renderCurves(view: View): Html | null {
	const groups = view.groups.flatMap((group) => renderGroup(view, group) ?? []);
	if (groups.length === 0) return null;
	const masking = maskingTitle(view.input, present(headlineMasking(view.input), 'masking of the curves'));
	return html`<section id="curves"><h2>How many words does it take?</h2>
			<p>Share of predictions that changed once the given share of the words was masked, best words first (masking:
			${masking}). A method that finds the deciding words rises early. Bands are 95 % intervals; chance is words in random
			order, where the study has the method “random”.</p>${groups}</section>`;
}

function renderGroup(view: View, { title, settings }: DatasetGroup): Html | null {
	const drawn = settings
		.map((setting) => ({ setting, curves: curvesOf(view, setting) }))
		.filter(({ curves }) => curves.length > 0);
	if (drawn.length === 0) return null;
	const yRange = yRangeOf(drawn.flatMap(({ curves }) => curves));
	const panels = drawn.map(({ setting, curves }) => {
		const lines = curves.filter(({ points }) => points.length > 0);
		const chart = {
			title: `Flip rate against the share of masked words, ${modelTitle(setting)}, ${title}`,
			xTitle: 'share of words masked',
			yTitle: 'flip rate',
			yRange,
		};
		const n = Math.max(...curves.flatMap(({ rows }) => rows.map((row) => row.n)));
		const figure = lines.length === 0 ? html`` : renderLineChart({ ...chart, lines });
		return panelOf(setting, figure, `${modelTitle(setting)}, n ${n}`);
	});
	return html`<h3>${title}</h3>${renderPanels(panels)}
		<details><summary>The curves as numbers</summary>${drawn.map(({ setting, curves }) => renderNumbers(setting, curves, title))}</details>`;
}

function renderNumbers(setting: Setting, curves: readonly Curve[], title: string): Html {
	const shares = [...new Set(curves.flatMap(({ rows }) => rows.map(({ share }) => share)))].toSorted((a, b) => a - b);
	const head = headRow(['Method', ...shares.map((share) => `${Math.round(share * 100)} %`)]);
	const body = curves.map(({ label, rows }) => {
		const cells = shares.map((share) => {
			const row = rows.find((own) => own.share === share);
			return html`<td>${row === undefined ? dash : renderStatistic(row, setting)}</td>`;
		});
		return html`<tr><th scope="row">${label}</th>${cells}</tr>`;
	});
	return renderTable(
		`Flip rate by share of masked words, ${modelTitle(setting)} on ${title}`,
		head,
		html`<tbody>${body}</tbody>`,
		'figures',
	);
}

function curvesOf(view: View, setting: Setting): Curve[] {
	const methods = view.input.study.methods.map(({ id }) => id);
	const rows = setting.rows.filter((row): row is CurveRow => row.metric === 'flip_curve' && row.share !== undefined);
	return choicesOf(view.input, rows).map(({ method }) => {
		const own = rows.filter((row) => row.method === method).toSorted((a, b) => a.share - b.share);
		return {
			label: methodTitle(view.input, method),
			style: Math.max(0, methods.indexOf(method)),
			rows: own,
			points: own.flatMap(({ share, value }) => (value === null ? [] : [{ x: share, y: value }])),
			band: own.flatMap(({ share, ci95 }): Band[] =>
				ci95 === null ? [] : [{ x: share, low: ci95[0], high: ci95[1] }],
			),
		};
	});
}
