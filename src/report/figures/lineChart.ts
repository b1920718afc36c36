/** Lines over a shared x axis, told apart by colour, dash and marker and named at their ends, as inline SVG. */
import { itemAt, zip } from '../../core/present.ts';
import { type Html, html } from '../html.ts';
import { formatNumber, shorten } from '../numbers.ts';
import { type Axis, createAxis, tickLabel } from './axis.ts';

export interface Point {
	readonly x: number;
	readonly y: number;
}

export interface Line {
	readonly label: string;
	/** Ordered by x. */
	readonly points: readonly Point[];
	/** Interval around each point that has one, drawn as a band; gaps where points are missing. */
	readonly band?: readonly Band[];
	/** Chooses colour, dash and marker: the same number looks the same in every chart. */
	readonly style: number;
}

export interface Band {
	readonly x: number;
	readonly low: number;
	readonly high: number;
}

export interface LineChart {
	/** What the figure shows, for those who do not see it. */
	readonly title: string;
	readonly xTitle: string;
	readonly yTitle: string;
	readonly lines: readonly Line[];
	/** Charts that stand side by side share a range. */
	readonly yRange: readonly [number, number];
}

const width = 380;
const left = 36;
const right = 216;
const top = 22;
const plotHeight = 196;
const axisHeight = 36;
const lineSpacing = 14;
const colours = 8;

const dashes = ['', '6 3', '2 2', '8 3 2 3', '12 3'];

/** Marker outlines around the origin. */
const markers = [
	'M-3 -3h6v6h-6z',
	'M0 -4L4 3H-4Z',
	'M0 -4L4 0L0 4L-4 0Z',
	'M-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0Z',
	'M-3 -3L3 3M-3 3L3 -3',
	'M0 -4V4M-4 0H4',
	'M0 4L4 -3H-4Z',
	'M-2 -4H2L4 0L2 4H-2L-4 0Z',
];

/** Returns the range that holds all points, and zero. */
export function yRangeOf(lines: readonly Line[]): [number, number] {
	const values = lines.flatMap(({ points, band = [] }) => [
		...points.map(({ y }) => y),
		...band.flatMap(({ low, high }) => [low, high]),
	]);
	return [Math.min(0, ...values), Math.max(0, ...values) || 1];
}

/** Returns the chart as an SVG element that scales with its container. */
export function renderLineChart({ title, xTitle, yTitle, lines, yRange }: LineChart): Html {
	const xs = lines.flatMap(({ points }) => points.map(({ x }) => x));
	const bottom = top + Math.max(plotHeight, lines.length * lineSpacing);
	const height = bottom + axisHeight;
	const xAxis = createAxis(Math.min(...xs, 0), Math.max(...xs, 0), left, right, xs.every(Number.isInteger));
	const yAxis = createAxis(yRange[0], yRange[1], bottom, top);
	const description = lines.map(describeLine).join('. ');
	return html`<svg class="figure" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}. ${description}.">
		<title>${title}</title>
		${yAxis.ticks.map((tick) => renderYTick(yAxis.position(tick), tick))}
		${xAxis.ticks.map((tick) => renderXTick(xAxis.position(tick), bottom, tick))}
		<text class="group" x="0" y="12">${yTitle}</text>
		<text class="tick" x="${(left + right) / 2}" y="${height - 4}">${xTitle}</text>
		${lines.map((line) => renderBand(xAxis, yAxis, line))}
		${lines.map((line) => renderLine(xAxis, yAxis, line))}
		${placeLabels(yAxis, lines, bottom).map(renderLabel)}
	</svg>`;
}

function renderYTick(y: number, tick: number): Html {
	return html`<line class="grid" x1="${left}" x2="${right}" y1="${y}" y2="${y}"/><text class="value" x="${left - 9}" y="${y + 4}">${tickLabel(tick)}</text>`;
}

function renderXTick(x: number, bottom: number, tick: number): Html {
	return html`<line class="grid" x1="${x}" x2="${x}" y1="${bottom}" y2="${bottom + 4}"/><text class="tick" x="${x}" y="${bottom + 17}">${tickLabel(tick)}</text>`;
}

function renderBand(xAxis: Axis, yAxis: Axis, { band = [], style }: Line): Html {
	if (band.length < 2) return html``;
	const place = (x: number, y: number): string => `${xAxis.position(x)} ${yAxis.position(y)}`;
	const edge = [...band.map(({ x, high }) => place(x, high)), ...band.toReversed().map(({ x, low }) => place(x, low))];
	return html`<path class="band series-${style % colours}" d="M${edge.join('L')}Z"/>`;
}

function renderLine(xAxis: Axis, yAxis: Axis, { label, points, style }: Line): Html {
	const places = points.map(({ x, y }) => `${xAxis.position(x)} ${yAxis.position(y)}`);
	return html`<g class="series-${style % colours}"><title>${label}</title>
		<path class="line" stroke-dasharray="${itemAt(dashes, style % dashes.length)}" d="M${places.join('L')}"/>
		${places.map((place) => renderMarker(place, style))}</g>`;
}

function renderMarker(place: string, style: number): Html {
	return html`<path class="marker" transform="translate(${place})" d="${itemAt(markers, style % markers.length)}"/>`;
}

interface Label {
	readonly line: Line;
	readonly end: number;
	readonly y: number;
}

/** Returns the lines' names beside their last points, moved apart until none covers another. */
function placeLabels(yAxis: Axis, lines: readonly Line[], lowest: number): Label[] {
	const wanted = lines.map((line) => ({ line, end: yAxis.position(endOf(line)) })).toSorted((a, b) => a.end - b.end);
	let next = 0;
	const down = wanted.map(({ end }) => (next = Math.max(end, next) + lineSpacing) - lineSpacing);
	let limit = lowest;
	const up = down.toReversed().map((y) => (limit = Math.min(y, limit) - lineSpacing) + lineSpacing);
	return zip(wanted, up.toReversed()).map(([{ line, end }, y]) => ({ line, end, y }));
}

/** A line without points has its name at the axis. */
function endOf({ points }: Line): number {
	const last = points.at(-1);
	return last === undefined ? 0 : last.y;
}

function renderLabel({ line, end, y }: Label): Html {
	const start = right + 6;
	return html`<g class="series-${line.style % colours}">
		<path class="leader" d="M${start} ${end}L${start + 8} ${y}"/>
		<path class="line" stroke-dasharray="${itemAt(dashes, line.style % dashes.length)}" d="M${start + 10} ${y}h18"/>
		${renderMarker(`${start + 19} ${y}`, line.style)}
		<text class="name" x="${start + 32}" y="${y + 4}">${shorten(line.label, 22)}</text></g>`;
}

function describeLine({ label, points }: Line): string {
	return `${label}: ${points.map(({ x, y }) => `${formatNumber(y)} at ${tickLabel(x)}`).join(', ')}`;
}
