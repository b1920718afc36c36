/** What a study will cost, for the terminal. */
import type { SettingEstimate, StepEstimate } from '../study/estimate/estimateStudy.ts';
import { itemAt } from '../core/present.ts';
import { formatBytes, formatDuration, wrapText } from './layout.ts';
import type { Channel } from './channel.ts';
import { weightsText } from './weights.ts';

const NAME_WIDTH = 21;
const NUMBER_WIDTH = 11;

/** Returns a table per model and dataset, and the time of all of them. */
export function renderEstimate(settings: readonly SettingEstimate[], channel: Channel, freeMemory: number): string[] {
	const { colours, columns } = channel;
	const dollars = settings.flatMap(({ steps }) => steps.flatMap((step) => step.dollars ?? []));
	const price =
		dollars.length === 0
			? ''
			: ` The models behind an API cost about $${sumOf(dollars).toFixed(2)}, if every server counts tokens as we do.`;
	const training = settings.some(({ rounds }) => rounds > 1) ? ' Training comes on top.' : '';
	const times = settings.flatMap(({ steps }) => steps.map(({ seconds }) => seconds));
	const total = times.includes(null) ? null : sumOf(times.flatMap((time) => time ?? []));
	const all =
		total === null
			? 'The time of models that are not here, or behind an API, is not measured.'
			: `All in all ${boundOf(settings)} ${formatDuration(total * 1000 + figuresTime(settings))} on this machine, summary and report included, by the speed of a few passes just now.`;
	return [
		...settings.flatMap((setting) => [...renderSetting(setting, channel), '']),
		...memoryLines(settings, channel, freeMemory),
		...wrapText(
			`${count(settings)} records. ${all}${training}${price} ≥: at least, ≤: at most. Nothing was written.`,
			columns,
		).map(colours.dim),
	];
}

/** Milliseconds of figures and report, by record and at least (bench/summary.ts). */
const figures = { perRecord: 0.25, least: 1500 };

function figuresTime(settings: readonly SettingEstimate[]): number {
	return figures.least + figures.perRecord * sumOf(settings.map(({ cells }) => cells));
}

/** Returns how the time is to be taken: what is an upper bound may be half of it before "about" would be wrong by a factor of 2. */
function boundOf(settings: readonly SettingEstimate[]): string {
	const steps = settings.flatMap((setting) => setting.steps);
	if (steps.some(({ bound }) => bound === 'least')) return 'at least';
	const timeOf = (wanted: readonly StepEstimate[]): number => sumOf(wanted.map(({ seconds }) => seconds ?? 0));
	return timeOf(steps.filter(({ bound }) => bound === 'most')) > timeOf(steps) / 2 ? 'at most' : 'about';
}

function count(settings: readonly SettingEstimate[]): string {
	return settings.reduce((sum, { cells }) => sum + cells, 0).toLocaleString('en');
}

/** A line per model: its weights beside the memory of this machine, or why it is not here. */
function memoryLines(settings: readonly SettingEstimate[], { columns }: Channel, free: number): string[] {
	const models = new Map(settings.map((setting) => [setting.model, setting]));
	return [...models.values()].flatMap(({ model, weights, memory, problem }) => {
		if (problem !== null) return [...wrapText(`${model}: ${problem}`, columns), ''];
		if (weights === null) return [];
		const size = `${(weights.parameters / 1e6).toFixed(1)} million parameters, ${formatBytes(weights.bytes)} on disk`;
		const fits = weights.bytes < free ? '' : ': they do not fit and are read from disk again and again';
		const taken =
			memory === null
				? ''
				: `, in memory up to ${formatBytes(memory.total)} (weights ${weightsText(memory, formatBytes)})`;
		return [...wrapText(`${model}: ${size}${taken}, memory free here ${formatBytes(free)}${fits}`, columns), ''];
	});
}

function sumOf(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0);
}

function renderSetting(
	{ model, dataset, texts, rounds, cells, tokensPerText, steps }: SettingEstimate,
	channel: Channel,
): string[] {
	const { colours } = channel;
	const isPriced = steps.some(({ dollars }) => dollars !== null);
	const heads = ['forward', 'backward', 'tokens', isPriced ? 'price' : 'time'];
	const rows = steps.filter(isPaidFor).map((step) => ({ step, cells: cellsOf(step) }));
	// Two spaces stay between columns, however large the numbers.
	const widths = heads.map((_, i) => Math.max(NUMBER_WIDTH, ...rows.map(({ cells }) => itemAt(cells, i).length + 2)));
	const aligned = (cells: readonly string[]): string =>
		cells.map((cell, i) => cell.padStart(itemAt(widths, i))).join('');
	return [
		colours.bold(`${model} on ${dataset}`) +
			colours.dim(
				`  ${texts} texts${rounds === 1 ? '' : ` ${rounds} times`}, ${cells} records, ${Math.round(tokensPerText)} tokens each`,
			),
		colours.dim(`  ${'passes of'.padEnd(NAME_WIDTH)}${aligned(heads)}`),
		...rows.flatMap(({ step, cells }) => renderStep(step, aligned(cells), channel)),
	];
}

/** Methods that need nothing of their own have no line; those that cannot be computed have one that says why. */
function isPaidFor({ forward, note }: StepEstimate): boolean {
	return forward > 0 || (note !== null && !note.startsWith('shares'));
}

function cellsOf(step: StepEstimate): string[] {
	const { forward, backward, tokensRead, tokensWritten, seconds, dollars, bound } = step;
	const sign = { exact: '', least: '≥ ', most: '≤ ' }[bound];
	const counted = (value: number): string => (value === 0 ? '–' : `${sign}${value.toLocaleString('en')}`);
	const time = dollars !== null ? `$${dollars.toFixed(2)}` : seconds === null ? '–' : formatDuration(seconds * 1000);
	return [counted(forward), counted(backward), counted(tokensRead + tokensWritten), forward === 0 ? '–' : time];
}

function renderStep({ step, note }: StepEstimate, cells: string, { colours, columns }: Channel): string[] {
	return [
		`  ${step.padEnd(NAME_WIDTH)}${cells}`,
		...(note === null ? [] : wrapText(note, columns, 4).map(colours.dim)),
	];
}
