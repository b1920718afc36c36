/** Flip rate against the share of words masked, most important words first. */
import { present } from '../../core/present.ts';
import type { RationaleRecord } from '../../records/records.ts';
import { type Line, type Point, renderLineChart, yRangeOf } from '../figures/lineChart.ts';
import { groupBy } from '../../core/groupBy.ts';
import { type Html, html } from '../html.ts';
import { dash, formatNumber } from '../numbers.ts';
import {
	type DatasetGroup,
	headlineMasking,
	maskingTitle,
	methodTitle,
	modelTitle,
	type Setting,
	type View,
} from '../view.ts';
import { panelOf, renderPanels } from './panels.ts';
import { headRow, renderTable } from './table.ts';

interface Curve extends Line {
	/** Number of examples. */
	readonly n: number;
}

/** Returns the section of curves, or nothing when none was recorded. */
export function renderCurves(view: View): Html | null {
	const groups = view.groups.flatMap((group) => renderGroup(view, group) ?? []);
	if (groups.length === 0) return null;
	const masking = maskingTitle(view.input, present(headlineMasking(view.input), 'masking of the curves'));
	return html`<section id="curves"><h2>How many words does it take?</h2>
			<p>Share of predictions that changed once the given share of the words was masked, best words first (masking:
			${masking}). A method that finds the deciding words rises early.</p>${groups}</section>`;
}

function renderGroup(view: View, { title, settings }: DatasetGroup): Html | null {
	const drawn = settings
		.map((setting) => ({ setting, curves: curvesOf(view, setting) }))
		.filter(({ curves }) => curves.length > 0);
	if (drawn.length === 0) return null;
	const yRange = yRangeOf(drawn.flatMap(({ curves }) => curves));
	const panels = drawn.map(({ setting, curves }) => {
		const figure = renderLineChart({
			title: `Flip rate against the share of masked words, ${modelTitle(setting)}, ${title}`,
			xTitle: 'share of words masked',
			yTitle: 'flip rate',
			lines: curves,
			yRange,
		});
		return panelOf(setting, figure, `${modelTitle(setting)}, n ${Math.max(...curves.map(({ n }) => n))}`);
	});
	return html`<h3>${title}</h3>${renderPanels(panels)}
		<details><summary>The curves as numbers</summary>${drawn.map(({ setting, curves }) => renderNumbers(setting, curves, title))}</details>`;
}

function renderNumbers(setting: Setting, curves: readonly Curve[], title: string): Html {
	const shares = [...new Set(curves.flatMap(({ points }) => points.map(({ x }) => x)))].toSorted((a, b) => a - b);
	const head = headRow(['Method', ...shares.map((share) => `${Math.round(share * 100)} %`), 'n']);
	const body = curves.map(({ label, points, n }) => {
		const cells = shares.map((share) => html`<td>${formatNumber(points.find(({ x }) => x === share)?.y ?? null)}</td>`);
		return html`<tr><th scope="row">${label}</th>${cells}<td>${n || dash}</td></tr>`;
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
	const predictions = new Map(setting.predictions.map(({ example, prediction }) => [example, prediction]));
	const records = setting.rationales.filter(({ curve, example }) => curve !== null && predictions.has(example));
	return [...groupBy(records, ({ method }) => method)]
		.map(([method, members]) => ({
			label: methodTitle(view.input, method),
			style: Math.max(0, methods.indexOf(method)),
			points: meanFlips(members, predictions),
			n: members.length,
		}))
		.toSorted((a, b) => a.style - b.style);
}

function meanFlips(records: readonly RationaleRecord[], predictions: ReadonlyMap<string, string>): Point[] {
	const flips = records.flatMap(({ example, curve }) =>
		(curve ?? []).map(({ share, label }) => ({ share, flipped: label !== predictions.get(example) })),
	);
	return [...groupBy(flips, ({ share }) => String(share))]
		.map(([share, members]) => ({
			x: Number(share),
			y: members.filter(({ flipped }) => flipped).length / members.length,
		}))
		.toSorted((a, b) => a.x - b.x);
}
