import type { Html } from '../html.ts';
import { choicesOf, findRow, metricTitle, type Setting, type View } from '../view.ts';
import { type ChoiceColumn, renderChoiceTable, renderStatistic } from './table.ts';
import type { SummaryRow } from '../../records/summaryRows.ts';

type Measure = Pick<SummaryRow, 'metric' | 'masking' | 'subset'>;

/** Returns a table of the rows: methods by metric, masking and subset. */
export function renderMeasures(
	view: View,
	setting: Setting,
	caption: string,
	rows: readonly SummaryRow[],
	muted = false,
): Html {
	const columns = measuresOf(rows).map(
		(measure): ChoiceColumn => ({
			title: titleOf(view, measure),
			muted,
			row: (choice) => findRow(setting, { ...measure, ...choice }),
			show: (row) => renderStatistic(row, setting),
		}),
	);
	return renderChoiceTable(view, caption, choicesOf(view.input, rows), columns);
}

function measuresOf(rows: readonly SummaryRow[]): Measure[] {
	const measures = rows.map(({ metric, masking, subset }) => ({ metric, masking, subset }));
	return [...new Map(measures.map((measure) => [JSON.stringify(measure), measure])).values()];
}

function titleOf({ input }: View, { metric, masking, subset }: Measure): string {
	const title = metricTitle(input, metric);
	return [title, masking, subset === 'all' ? null : `${subset} only`].filter((part) => part !== null).join(', ');
}
