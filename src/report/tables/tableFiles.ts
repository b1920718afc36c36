/** Result tables as files: Markdown, LaTeX (booktabs) and CSV, all numbers with their intervals. */
import { itemAt } from '../../core/present.ts';
import { printable } from '../../core/printable.ts';
import { dash, formatInterval, formatNumber } from '../numbers.ts';
import { countText, type ResultCell, type ResultRow, type ResultTable } from './resultTables.ts';

/** Stands for a number that the study has but that says nothing: a model whose faithfulness cannot be judged. */
export const notEvaluable = 'n.e.';

/** Returns the number as text, without its interval. */
export function valueText(cell: ResultCell): string {
	if (cell === undefined) return dash;
	if (cell.value === null) return cell.evaluable === 'no' ? notEvaluable : dash;
	return formatNumber(cell.value);
}

/** Returns the tables as Markdown. */
export function markdownTables(tables: readonly ResultTable[]): string {
	return tables.map(markdownTable).join('\n');
}

function markdownTable({ title, caption, heads, columns, rows, usualCounts }: ResultTable): string {
	const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
	return [
		`## ${printable(title)}`,
		'',
		printable(caption),
		'',
		line([...heads, ...columns]),
		`|${[...heads.map(() => ' --- '), ...columns.map(() => ' ---: ')].join('|')}|`,
		...rows.map((row) =>
			line([...row.heads, ...row.cells.map((cell, i) => `${withInterval(cell)}${countText(cell, usualCounts[i])}`)]),
		),
		...legend(rows),
		'',
	].join('\n');
}

function withInterval(cell: ResultCell): string {
	return [valueText(cell), formatInterval(cell?.ci95 ?? null)].filter((part) => part !== '').join(' ');
}

function escapeMarkdown(text: string): string {
	return printable(text).replaceAll(/[\\|*_`<>[\]]/gu, (character) => `\\${character}`);
}

function legend(rows: readonly ResultRow[]): string[] {
	const hasBlank = rows.some(({ cells }) => cells.some((cell) => valueText(cell) === notEvaluable));
	return hasBlank
		? ['', `${notEvaluable}: not evaluable, the model's predictions have collapsed or are near chance.`]
		: [];
}

/** A longer table goes over several pages. */
const longestOnPage = 40;
/** A table with more columns of numbers lies across the page. */
const mostUpright = 4;

/** Returns the tables as LaTeX; the document needs `\usepackage{booktabs,longtable,pdflscape}`. */
export function latexTables(tables: readonly ResultTable[]): string {
	return `% Needs \\usepackage{booktabs,longtable,pdflscape}; three datasets and ten epochs fit on A4 with margins of 2.5 cm.\n${tables.map(sizedTable).join('\n')}`;
}

/** Intervals make columns wide: smaller type lets them fit. */
function sizedTable(table: ResultTable): string {
	return table.columns.length > mostUpright
		? `\\begin{landscape}\\tiny\\setlength{\\tabcolsep}{1.5pt}\n${latexTable(table)}\\end{landscape}\n`
		: `{\\footnotesize\\setlength{\\tabcolsep}{4pt}\n${latexTable(table)}}\n`;
}

function latexTable({ id, title, caption, heads, columns, rows, usualCounts }: ResultTable): string {
	const line = (cells: readonly string[]): string => `${cells.join(' & ')} \\\\`;
	const text = [caption, ...legend(rows).filter((part) => part !== '')].join(' ');
	const label = `\\caption{${escapeLatex(`${title}. ${text}`)}}\\label{tab:${id}}`;
	const format = `{${'l'.repeat(heads.length)}${'r'.repeat(columns.length)}}`;
	const head = ['\\toprule', line([...heads, ...columns].map(escapeLatex)), '\\midrule'];
	const body = rows.flatMap((row, i) => [
		...(i > 0 && beginsGroup(rows, i) ? ['\\midrule'] : []),
		line([
			...groupedHeads(rows, i).map(escapeLatex),
			...row.cells.map((cell, column) => `${latexCell(cell)}${countText(cell, usualCounts[column])}`),
		]),
	]);
	if (rows.length > longestOnPage || columns.length > mostUpright) {
		const begin = [
			`\\begin{longtable}${format}`,
			`${label} \\\\`,
			...head,
			'\\endhead',
			'\\bottomrule',
			'\\endlastfoot',
		];
		return [...begin, ...body, '\\end{longtable}', ''].join('\n');
	}
	const begin = ['\\begin{table}', '\\centering', label, `\\begin{tabular}${format}`, ...head];
	return [...begin, ...body, '\\bottomrule', '\\end{tabular}', '\\end{table}', ''].join('\n');
}

/** A table with several columns of names is parted where the first name changes. */
function beginsGroup(rows: readonly ResultRow[], i: number): boolean {
	const { heads } = itemAt(rows, i);
	return heads.length > 1 && heads[0] !== rows[i - 1]?.heads[0];
}

/** The first name stands once in its part. */
function groupedHeads(rows: readonly ResultRow[], i: number): readonly string[] {
	const { heads } = itemAt(rows, i);
	return heads.length < 2 || beginsGroup(rows, i) ? heads : ['', ...heads.slice(1)];
}

function latexCell(cell: ResultCell): string {
	const interval = formatInterval(cell?.ci95 ?? null);
	const value = escapeLatex(valueText(cell));
	return interval === '' ? value : `${value} {\\tiny ${escapeLatex(interval)}}`;
}

const latexCharacters: Readonly<Record<string, string>> = {
	'\\': '\\textbackslash{}',
	'~': '\\textasciitilde{}',
	'^': '\\textasciicircum{}',
	'—': '---',
	'−': '$-$',
	'[': '{[}',
	']': '{]}',
};

/** Returns the text with every character that means something to LaTeX written out, and controls, at which it stops. */
export function escapeLatex(text: string): string {
	return printable(text).replaceAll(
		/[\\~^—−[\]&%$#_{}]/gu,
		(character) => latexCharacters[character] ?? `\\${character}`,
	);
}

const csvColumns = [
	...(['table', 'model', 'dataset', 'split', 'epoch', 'method', 'selection', 'masking', 'metric', 'share'] as const),
	...(['value', 'low', 'high', 'n', 'missing', 'chance', 'note'] as const),
];

type CsvValue = string | number | null | undefined;

/** Returns every number of the tables as a line of CSV, in full precision, and names so that a spreadsheet does not compute. */
export function csvTables(tables: readonly ResultTable[]): string {
	const lines = tables.flatMap(({ id, rows }) =>
		rows.flatMap(({ cells }) =>
			cells.flatMap((cell) => {
				if (cell === undefined) return [];
				const [low, high] = cell.ci95 ?? [null, null];
				const { ci95: _, ...fields } = cell;
				const values: Readonly<Record<string, CsvValue>> = { ...fields, table: id, low, high };
				return [csvColumns.map((column) => csvField(values[column])).join(',')];
			}),
		),
	);
	return `${[csvColumns.join(','), ...lines].join('\n')}\n`;
}

function csvField(value: CsvValue): string {
	const text = typeof value === 'string' ? notComputed(printable(value)) : String(value ?? '');
	return /[",\n\r]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A spreadsheet takes a cell that begins so for a formula; an apostrophe makes it a text. */
function notComputed(text: string): string {
	return /^[=+\-@＝＋－＠]/u.test(text) ? `'${text}` : text;
}
