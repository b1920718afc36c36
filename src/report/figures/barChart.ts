/** Horizontal bars with whiskers for the interval and a tick for the chance level, as inline SVG. */
import { type Html, html } from '../html.ts';
import { dash, formatInterval, formatNumber, shorten } from '../numbers.ts';
import { type Axis, createAxis, tickLabel } from './axis.ts';

/** How a bar is filled; each can be told from the others without colour. */
export type BarFill = 'solid' | 'light' | 'outline' | 'dashed';

export interface Bar {
	readonly label: string;
	readonly value: number | null;
	readonly interval: readonly [number, number] | null;
	readonly chance: number | null;
	readonly fill: BarFill;
}

export interface BarGroup {
	/** Stands above its bars; null for none. */
	readonly title: string | null;
	readonly bars: readonly Bar[];
}

export interface BarChart {
	/** What the figure shows, for those who do not see it. */
	readonly title: string;
	readonly groups: readonly BarGroup[];
	/** Charts that stand side by side share a range. */
	readonly range: readonly [number, number];
}

const width = 380;
const labelWidth = 140;
const valueWidth = 40;
const rowHeight = 20;
const titleHeight = 24;
const axisHeight = 22;

/** Returns the range that holds all values, intervals and chance levels, and zero. */
export function rangeOf(bars: readonly Bar[]): [number, number] {
	const numbers = bars.flatMap(({ value, interval, chance }) => [value, ...(interval ?? []), chance]);
	const ends = numbers.filter((end) => end !== null);
	return [Math.min(0, ...ends), Math.max(0, ...ends) || 1];
}

/** Returns the chart as an SVG element that scales with its container. */
export function renderBarChart({ title, groups, range }: BarChart): Html {
	const axis = createAxis(range[0], range[1], labelWidth, width - valueWidth - 6);
	const rows = placeRows(groups);
	const bottom = Math.max(0, ...rows.map((row) => row.bottom));
	const height = bottom + axisHeight;
	const description = groups.flatMap((group) => group.bars.map((bar) => describeBar(group, bar))).join('. ');
	return html`<svg class="figure" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}. ${description}.">
		<title>${title}</title>
		${renderGrid(axis, rows)}
		${axis.ticks.map((tick) => renderTick(axis, tick, bottom))}
		${rows.map((row) => ('bar' in row ? renderBar(axis, row.bar, row.bottom - rowHeight) : renderTitle(row.title, row.bottom)))}
	</svg>`;
}

type Row = { readonly bottom: number } & ({ readonly title: string } | { readonly bar: Bar });

function placeRows(groups: readonly BarGroup[]): Row[] {
	let bottom = 0;
	return groups.flatMap(({ title, bars }): Row[] => [
		...(title === null ? [] : [{ title, bottom: (bottom += titleHeight) }]),
		...bars.map((bar) => ({ bar, bottom: (bottom += rowHeight) })),
	]);
}

/** Returns the grid lines behind the bars; they leave out the titles. */
function renderGrid(axis: Axis, rows: readonly Row[]): Html {
	const bars = rows.filter((row) => 'bar' in row);
	const path = (ticks: readonly number[]): string =>
		ticks.flatMap((tick) => bars.map(({ bottom }) => `M${axis.position(tick)} ${bottom}v-${rowHeight}`)).join('');
	return html`<path class="grid" d="${path(axis.ticks)}"/><path class="zero" d="${path([0])}"/>`;
}

function renderTick(axis: Axis, tick: number, bottom: number): Html {
	return html`<text class="tick" x="${axis.position(tick)}" y="${bottom + 15}">${tickLabel(tick)}</text>`;
}

function renderTitle(title: string, bottom: number): Html {
	return html`<text class="group" x="0" y="${bottom - 6}">${title}</text>`;
}

function renderBar(axis: Axis, bar: Bar, top: number): Html {
	const middle = top + rowHeight / 2;
	return html`<g><title>${describeBar(null, bar)}</title>
		<text class="label" x="${labelWidth - 8}" y="${middle + 4}">${shorten(bar.label, 22)}</text>
		${bar.value !== null && renderLength(axis, bar.fill, bar.value, top)}
		${bar.interval !== null && renderWhisker(axis, bar.interval, middle)}
		${bar.chance !== null && renderChance(axis.position(bar.chance), top)}
		<text class="value" x="${width}" y="${middle + 4}">${formatNumber(bar.value)}</text></g>`;
}

function renderLength(axis: Axis, fill: BarFill, value: number, top: number): Html {
	const [from, to] = [axis.position(Math.min(0, value)), axis.position(Math.max(0, value))];
	return html`<rect class="bar ${fill}" x="${from}" y="${top + 4}" width="${Math.round((to - from) * 10) / 10}" height="${rowHeight - 8}"/>`;
}

function renderWhisker(axis: Axis, [low, high]: readonly [number, number], middle: number): Html {
	const [from, to] = [axis.position(low), axis.position(high)];
	return html`<path class="whisker" d="M${from} ${middle}H${to}M${from} ${middle - 3}v6M${to} ${middle - 3}v6"/>`;
}

function renderChance(x: number, top: number): Html {
	const line = `M${x} ${top + 1}v${rowHeight - 2}`;
	return html`<path class="halo" d="${line}"/><path class="chance" d="${line}"/>`;
}

function describeBar(group: BarGroup | null, { label, value, interval, chance }: Bar): string {
	const name = group?.title ? `${group.title}, ${label}` : label;
	const number = value === null ? dash : `${formatNumber(value)} ${formatInterval(interval)}`.trim();
	return `${name}: ${number}${chance === null ? '' : `, chance ${formatNumber(chance)}`}`;
}

/** Returns a small picture of one part of the chart, for a legend. */
export function renderBarKey(part: BarFill | 'whisker' | 'chance'): Html {
	const picture = {
		whisker: html`<path class="whisker" d="M2 7H24M2 3v8M24 3v8"/>`,
		chance: html`<path class="chance" d="M13 0v14"/>`,
	};
	const drawn =
		part === 'whisker' || part === 'chance'
			? picture[part]
			: html`<rect class="bar ${part}" x="1" y="2" width="24" height="10"/>`;
	return html`<svg class="key" viewBox="0 0 26 14" aria-hidden="true">${drawn}</svg>`;
}
