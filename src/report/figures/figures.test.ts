import { expect, test } from 'vitest';
import { createAxis, createWholeAxis, tickLabel } from './axis.ts';
import { type Bar, rangeOf, renderBarChart } from './barChart.ts';
import { type Line, renderLineChart } from './lineChart.ts';

test('an axis has round ticks around its range and keeps values inside', () => {
	const axis = createAxis(-0.13, 0.37, 100, 200);
	expect(axis.ticks).toEqual([-0.2, 0, 0.2, 0.4]);
	expect([-0.2, 0.1, 0.4, 9].map(axis.position)).toEqual([100, 150, 200, 200]);
	expect(axis.ticks.map(tickLabel)).toEqual(['−0.2', '0', '0.2', '0.4']);
});

test('an axis of counted things has whole ticks', () => {
	expect([3, 10, 12].map((epochs) => createWholeAxis(0, epochs, 0, 100).ticks)).toEqual([
		[0, 1, 2, 3],
		[0, 5, 10],
		[0, 5, 10, 15],
	]);
	expect(createWholeAxis(0, 0, 0, 10).ticks).toEqual([0, 1]);
});

test('an axis of a single value still has a length', () => {
	const axis = createAxis(0, 0, 0, 10);
	expect(axis.max).toBeGreaterThan(axis.min);
	expect(axis.position(0)).toBe(0);
});

const bar: Bar = { label: 'AttnLRP', value: 0.5, interval: [0.4, 0.6], chance: 0.2, fill: 'solid' };

test('a bar carries its value, interval and chance, in the picture and in words', () => {
	const { markup } = renderBarChart({
		title: 'F1',
		groups: [{ title: 'top_var', bars: [bar] }],
		range: rangeOf([bar]),
	});
	expect(markup).toContain('aria-label="F1. top_var, AttnLRP: 0.50 [0.40, 0.60], chance 0.20."');
	expect(markup.match(/class="(bar solid|whisker|chance|value)"/g)).toHaveLength(4);
});

test('a missing value is a dash without a bar, and a negative one grows to the left', () => {
	const bars: Bar[] = [
		{ ...bar, value: null, interval: null, chance: null },
		{ ...bar, value: -0.5, interval: null },
	];
	const { markup } = renderBarChart({ title: 'F1', groups: [{ title: null, bars }], range: rangeOf(bars) });
	expect(markup).toContain('>—</text>');
	expect(markup.match(/<rect/g)).toHaveLength(1);
	expect(rangeOf(bars)).toEqual([-0.5, 0.2]);
});

test('names of lines that end together are moved apart and stay inside', () => {
	const points = [
		{ x: 0, y: 0 },
		{ x: 1, y: 0 },
	];
	const lines = Array.from({ length: 20 }, (_, i): Line => ({ label: `method ${i}`, points, style: i }));
	const { markup } = renderLineChart({ title: 'Curves', xTitle: 'share', yTitle: 'flips', lines, yRange: [0, 1] });
	const heights = [...markup.matchAll(/class="name" x="[\d.]+" y="([-\d.]+)"/g)]
		.map((match) => Number(match[1]))
		.toSorted((a, b) => a - b);
	const gaps = heights.slice(1).map((height, i) => height - (heights[i] ?? 0));
	expect(heights).toHaveLength(20);
	expect(Math.min(...gaps)).toBeGreaterThanOrEqual(14);
	expect(heights[0]).toBeGreaterThan(0);
});

test('the first lines differ in dash and marker, not only in colour', () => {
	const lines = Array.from({ length: 30 }, (_, i): Line => ({ label: `${i}`, points: [{ x: 1, y: 1 }], style: i }));
	const { markup } = renderLineChart({ title: '', xTitle: '', yTitle: '', lines, yRange: [0, 1] });
	const looks = [
		...markup.matchAll(
			/stroke-dasharray="([^"]*)" d="M[^"]*h18"\/>\s*<path class="marker" transform="[^"]*" d="([^"]*)"/g,
		),
	];
	expect(looks).toHaveLength(30);
	expect(new Set(looks.map((look) => `${look[1]} ${look[2]}`)).size).toBe(30);
});
