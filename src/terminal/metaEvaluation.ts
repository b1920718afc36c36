import { formatInterval, formatNumber } from '../report/numbers.ts';
import type { ReportInput } from '../report/reportInput.ts';
import type { Colours } from './colours.ts';
import type { MetricJudgement } from '../records/summaryRows.ts';

const widths = { name: 31, number: 15 };

/** Returns how far each faithfulness metric can be trusted under the first masking, in lines; none for most studies. */
export function renderJudgements({ summary, study }: ReportInput, colours: Colours): string[] {
	const [masking] = study.maskings;
	const rows = (summary.metaEvaluation ?? []).filter((row) => row.masking === masking?.id);
	const places = [...new Set(rows.map(placeOf))];
	return places.flatMap((place) => [
		'',
		colours.bold(`Can the metrics be trusted? ${place}`),
		colours.dim(`  ${''.padEnd(widths.name)}${['methods', 'corrupted', 'told apart'].map(column).join('')}`),
		...rows.filter((row) => placeOf(row) === place).map(lineOf),
	]);
}

/** Says how to read the table; empty where there is none. */
export function judgementLegend({ summary }: ReportInput): string {
	if ((summary.metaEvaluation ?? []).length === 0) return '';
	return (
		'methods, corrupted: Kendall’s tau-b of the metric’s order with the true one, of the methods and of the ' +
		'rationales corrupted on purpose (1: the true order). told apart: how often it prefers the truer of two ' +
		'rationales of one text (0.5 by chance). 95 % intervals are in the report.'
	);
}

function placeOf({ model, dataset, split, epoch }: MetricJudgement): string {
	return `${model} on ${dataset}, ${split} split${epoch === null ? '' : `, epoch ${epoch}`}`;
}

function lineOf({ metric, methods, corrupted, toldApart }: MetricJudgement): string {
	const apart = `${formatNumber(toldApart.value)} ${formatInterval(toldApart.ci95)}`;
	const numbers = [formatNumber(methods.value), formatNumber(corrupted.value), apart.trim()];
	return `  ${metric.padEnd(widths.name)}${numbers.map(column).join('')}`;
}

function column(text: string): string {
	return text.padStart(widths.number + (text.includes('[') ? 1 : 0));
}
