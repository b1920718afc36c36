/** The summary of a study as text for a terminal. */
import { badRowCounts } from '../core/badRow.ts';
import { groupBy } from '../core/groupBy.ts';
import { dash, formatDifference, formatInterval, formatNumber } from '../report/numbers.ts';
import type { ReportInput } from '../report/reportInput.ts';
import { unansweredCounts } from '../report/unanswered.ts';
import {
	type Choice,
	choicesOf,
	createView,
	findRow,
	headlineMasking,
	isNotEvaluable,
	maskingTitle,
	modelTitle,
	precisionText,
	selectionTitle,
	type Setting,
	unmeasuredMethods,
	verdictText,
	type View,
} from '../report/view.ts';
import type { Colours } from './colours.ts';
import { wrapText } from './layout.ts';
import { judgementLegend, renderJudgements } from './metaEvaluation.ts';
import type { SummaryRow } from '../records/summaryRows.ts';

export interface TerminalOptions {
	/** Width of the terminal; intervals are left out below 80 columns, those of the excess below 94. */
	readonly columns: number;
	readonly colours: Colours;
}

/** The numbers of one method and selection. */
interface Line {
	readonly choice: Choice;
	readonly alignment: SummaryRow | undefined;
	readonly flips: SummaryRow | undefined;
	readonly excess: SummaryRow | undefined;
}

interface Column {
	readonly title: string;
	readonly width: number;
	/** True for figures that say nothing where the setting is not evaluable. */
	readonly faithfulness: boolean;
	text(line: Line): string;
}

const nameWidth = 22;

/** Returns the figures of every dataset and model, a block each. */
export function renderSummary(input: ReportInput, options: TerminalOptions): string {
	const view = createView(input);
	const blocks = view.groups.flatMap(({ title, settings }) => [
		options.colours.bold(title),
		...settings.map((setting) => renderBlock(view, setting, options)),
	]);
	const rows = badRowsText(input);
	const judgements = renderJudgements(input, options.colours);
	const legend = judgements.length === 0 ? [] : wrapText(judgementLegend(input), options.columns);
	const unanswered = unansweredText(input);
	const silent = [rows, unanswered].flatMap((text) =>
		text === null ? [] : [wrapText(text, options.columns).join('\n')],
	);
	return `${[...blocks, ...silent].join('\n\n')}\n${[...judgements, ...legend].map((line) => `${line}\n`).join('')}`;
}

/** Returns how many rows of the data could not be used, by kind; null where all could. */
function badRowsText({ badRows }: ReportInput): string | null {
	if (badRows.length === 0) return null;
	const kinds = badRowCounts(badRows).map(({ kind, count }) => `${kind} ${count}`);
	return `Data rows that could not be used: ${badRows.length} (${kinds.join(', ')}; see the report).`;
}

/** Returns how many texts have no prediction, by kind, with the reason of the first; null where all have one. */
function unansweredText({ records }: ReportInput): string | null {
	const skipped = records.filter((record) => record.kind === 'skipped');
	const [first] = skipped;
	if (first === undefined) return null;
	const reason = first.reason.replace(/\.$/u, '');
	return `Texts without a prediction: ${skipped.length} (${unansweredCounts(skipped)}; see the report). ${first.model}, ${first.example}: ${reason}.`;
}

function renderBlock(view: View, setting: Setting, options: TerminalOptions): string {
	const masking = headlineMasking(view.input);
	const lines = linesOf(view, setting, masking);
	return [
		...renderHead(setting, options),
		...renderUnmeasured(view, setting, masking, options),
		...renderTable(setting, lines, options),
		...renderRemarks(setting, lines).flatMap((remark) => indent(remark, options.columns)),
		...(lines.length === 0 ? [] : [`  Masking: ${maskingTitle(view.input, masking ?? dash)}.`]),
	].join('\n');
}

function renderHead(setting: Setting, { columns, colours }: TerminalOptions): string[] {
	const accuracy = findRow(setting, { metric: 'accuracy', subset: 'all' });
	const majority = findRow(setting, { metric: 'majority_share', subset: 'all' });
	const numbers = `accuracy ${numberText(accuracy)}, largest label share ${numberText(majority)}, n ${accuracy?.n ?? dash}`;
	const mass = findRow(setting, { metric: 'label_mass', subset: 'all' });
	const precision = precisionText(setting);
	const verdict = `${verdictText(setting.verdict)}${isNotEvaluable(setting) ? '; the flip rates say nothing' : ''}`;
	return [
		colours.bold(modelTitle(setting)),
		...indent(numbers, columns),
		...(mass?.value == null ? [] : indent(`probability of the labels together ${numberText(mass)}`, columns)),
		...indent(verdict, columns).map((line) => verdictColour(setting, colours)(line)),
		...(precision === null ? [] : indent(precision, columns)),
	];
}

/** A table that lacks some methods' numbers says so above it. */
function renderUnmeasured(view: View, setting: Setting, masking: string | null, options: TerminalOptions): string[] {
	if (isNotEvaluable(setting)) return [];
	const titles = unmeasuredMethods(view, setting, { metric: 'flip_rate', subset: 'all', masking });
	if (titles.length === 0) return [];
	return indent(`without a flip rate: ${titles.join(', ')}`, options.columns).map(options.colours.yellow);
}

function verdictColour({ verdict }: Setting, { green, yellow, red, dim }: Colours): (text: string) => string {
	if (verdict === null) return dim;
	return { evaluable: green, 'with care': yellow, 'not evaluable': red }[verdict.level];
}

function numberText(row: SummaryRow | undefined, format = formatNumber): string {
	return row === undefined ? dash : `${format(row.value)} ${formatInterval(row.ci95)}`.trimEnd();
}

function linesOf(view: View, setting: Setting, masking: string | null): Line[] {
	const alignment = { metric: 'token_f1.macro', subset: 'all' };
	const flips = { metric: 'flip_rate', subset: 'all', masking };
	const rows = setting.rows.filter(({ metric }) => metric === alignment.metric || metric === flips.metric);
	return choicesOf(view.input, rows).map((choice) => ({
		choice,
		alignment: findRow(setting, { ...alignment, ...choice }),
		flips: findRow(setting, { ...flips, ...choice }),
		excess: findRow(setting, { ...flips, metric: 'flip_rate.excess', ...choice }),
	}));
}

function columnsFor(width: number): Column[] {
	const intervals = width >= 80;
	const wide = width >= 94;
	const number = (row: SummaryRow | undefined, shown: boolean, format = formatNumber): string =>
		shown ? numberText(row, format) : format(row?.value ?? null);
	return [
		{
			title: 'token F1',
			width: intervals ? 18 : 9,
			faithfulness: false,
			text: ({ alignment }) => number(alignment, intervals),
		},
		{
			title: 'chance',
			width: 7,
			faithfulness: false,
			text: ({ alignment }) => formatNumber(alignment?.chance ?? null),
		},
		{
			title: 'flip rate',
			width: intervals ? 19 : 10,
			faithfulness: true,
			text: ({ flips }) => number(flips, intervals),
		},
		{ title: 'random', width: 7, faithfulness: true, text: ({ flips }) => formatNumber(flips?.chance ?? null) },
		{
			title: 'excess',
			width: wide ? 21 : 7,
			faithfulness: true,
			text: ({ excess }) => number(excess, wide, formatDifference),
		},
	];
}

function renderTable(setting: Setting, lines: readonly Line[], { columns, colours }: TerminalOptions): string[] {
	if (lines.length === 0) return ['  no rationales'];
	const table = columnsFor(columns);
	const head = colours.dim(''.padEnd(nameWidth) + table.map(({ title, width }) => title.padStart(width)).join(''));
	const selections = [...new Set(lines.map(({ choice }) => choice.selection))];
	const muted = isNotEvaluable(setting);
	return selections.flatMap((selection, i) => [
		...(i === 0 ? [head] : []),
		`  ${colours.dim(selectionTitle(selection))}`,
		...lines
			.filter(({ choice }) => choice.selection === selection)
			.map((line) => renderLine(line, table, muted, colours)),
	]);
}

function renderLine(line: Line, table: readonly Column[], muted: boolean, colours: Colours): string {
	const cells = table.map((column) => {
		const text = column.text(line).padStart(column.width);
		if (column.faithfulness && muted) return colours.dim(text);
		return column.title === 'excess' && isClearlyPositive(line.excess) ? colours.green(text) : text;
	});
	return `  ${line.choice.method.padEnd(nameWidth - 2)}${cells.join('')}`;
}

function isClearlyPositive(row: SummaryRow | undefined): boolean {
	return row?.ci95 != null && row.ci95[0] > 0;
}

/** Returns what the table leaves unsaid: other counts than the block's, missing examples, why a number is missing. */
function renderRemarks(setting: Setting, lines: readonly Line[]): string[] {
	const n = findRow(setting, { metric: 'accuracy', subset: 'all' })?.n;
	const remarks: { readonly remark: string; readonly method: string }[] = [];
	for (const { choice, alignment, flips } of lines) {
		for (const [name, row] of [
			['token F1', alignment],
			['flip rate', flips],
		] as const) {
			if (row === undefined || (row.n === n && row.missing === 0 && saysNothingNew(row))) continue;
			const why = row.note !== null && !saysNothingNew(row) ? `; ${row.note}` : '';
			const remark = `${choice.selection ?? 'scores'}, ${name}: n ${row.n}, ${row.missing} missing${why}`;
			remarks.push({ remark, method: choice.method });
		}
	}
	const byRemark = groupBy(remarks, ({ remark }) => remark);
	return [...byRemark].map(([remark, own]) => `  ${remark} (${own.map(({ method }) => method).join(', ')})`);
}

/** True for a row with a value, and for one that lacks it because of the verdict above the table. */
function saysNothingNew({ value, evaluable }: SummaryRow): boolean {
	return value !== null || evaluable === 'no';
}

/** Returns the text in indented lines that fit the terminal. */
function indent(text: string, columns: number): string[] {
	return wrapText(text, columns, 2);
}
