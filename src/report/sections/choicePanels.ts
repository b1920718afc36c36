import { present } from '../../core/present.ts';
import { type Bar, type BarGroup, rangeOf, renderBarChart } from '../figures/barChart.ts';
import { groupBy } from '../../core/groupBy.ts';
import type { Html } from '../html.ts';
import {
	choicesOf,
	type DatasetGroup,
	familyOf,
	findRow,
	matches,
	methodTitle,
	modelTitle,
	type Setting,
	selectionTitle,
	type View,
} from '../view.ts';
import { panelOf, renderPanels } from './panels.ts';
import type { SummaryRow } from '../../records/summaryRows.ts';

const fills = { attribution: 'solid', prompting: 'light', reference: 'outline' } as const;

/** Returns the panels of a dataset for the rows that match; settings for which `isMuted` are drawn in grey, with the reason. */
export function renderChoicePanels(
	view: View,
	group: DatasetGroup,
	wanted: Partial<SummaryRow>,
	name: string,
	isMuted: (setting: Setting) => boolean = () => false,
): Html {
	const drawn = group.settings.map((setting) => ({
		setting,
		groups: barGroups(view, setting, wanted, isMuted(setting)),
	}));
	const range = rangeOf(drawn.flatMap(({ groups }) => groups.flatMap(({ bars }) => bars)));
	const panels = drawn
		.filter(({ groups }) => groups.length > 0)
		.map(({ setting, groups }) => {
			const figure = renderBarChart({ title: `${name}, ${modelTitle(setting)}, ${group.title}`, groups, range });
			return isMuted(setting) ? panelOf(setting, figure) : { title: modelTitle(setting), verdict: null, figure };
		});
	return renderPanels(panels);
}

function barGroups(view: View, setting: Setting, wanted: Partial<SummaryRow>, muted: boolean): BarGroup[] {
	const rows = setting.rows.filter((row) => matches(row, wanted));
	const bySelection = groupBy(choicesOf(view.input, rows), ({ selection }) => selectionTitle(selection));
	return [...bySelection].map(([title, choices]) => ({
		title,
		bars: choices.map(({ method, selection }): Bar => {
			const row = present(findRow(setting, { ...wanted, method, selection }), `row of ${method}`);
			return {
				label: methodTitle(view.input, method),
				value: row.value,
				interval: row.ci95,
				chance: row.chance,
				fill: muted ? 'dashed' : fills[familyOf(view.input, method)],
			};
		}),
	}));
}
