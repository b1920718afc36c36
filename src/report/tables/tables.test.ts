import { describe, expect, it } from 'vitest';
import { renderReport } from '../report.ts';
import type { ReportInput } from '../reportInput.ts';
import { testInput, testRow } from '../testInput.ts';
import { createView } from '../view.ts';
import { resultTables } from './resultTables.ts';
import { csvTables, escapeLatex, latexTables, markdownTables } from './tableFiles.ts';
import { tableFiles } from './writeTables.ts';
import type { SummaryRow } from '../../records/summaryRows.ts';

const input = testInput();
const [model] = input.study.models;
const [dataset] = input.study.datasets;
const [method] = input.study.methods;
const [masking] = input.study.maskings;
if (model === undefined || dataset === undefined || method === undefined || masking === undefined) throw new Error();

const row = (changes: Partial<SummaryRow>): SummaryRow =>
	testRow({ model: model.id, dataset: dataset.id, split: 'test', subset: 'all', note: null, ...changes });
const withRows = (rows: readonly SummaryRow[]): ReportInput => ({
	...input,
	records: [],
	summary: { ...input.summary, rows },
});

const chosen = { method: method.id, selection: 'top_var' };
const rows = [0, 1].flatMap((epoch) => [
	row({
		epoch,
		metric: 'accuracy',
		method: null,
		selection: null,
		masking: null,
		value: 0.5 + epoch / 4,
		ci95: [0.4, 0.8],
	}),
	row({ epoch, metric: 'token_f1.macro', ...chosen, masking: null, value: 0.25, ci95: null }),
	row({
		epoch,
		metric: 'flip_rate',
		...chosen,
		masking: masking.id,
		value: epoch === 0 ? null : 0.1,
		ci95: null,
		note: epoch === 0 ? 'not evaluable: one label' : null,
		evaluable: epoch === 0 ? 'no' : 'yes',
	}),
]);
const tables = resultTables(createView(withRows(rows)));

describe('resultTables', () => {
	it('show models before and after fine-tuning, and every epoch', () => {
		expect(tables.map(({ id }) => id)).toEqual(['accuracy', 'alignment', 'flip-rates', 'epochs-1']);
		const [accuracy, , flips, epochs] = tables;
		expect(accuracy?.rows.map(({ heads, cells }) => [...heads, cells[0]?.value])).toEqual([
			[`${model.id}, before`, 0.5],
			[`${model.id}, after`, 0.75],
		]);
		expect(flips?.rows.map(({ heads }) => heads.slice(1))).toEqual([
			[method.title, 'top_var'],
			[method.title, 'top_var'],
		]);
		expect(epochs?.columns).toEqual(['epoch 0 (n 100)', 'epoch 1 (n 100)']);
		expect(epochs?.rows.map(({ heads }) => heads[0])).toEqual(['accuracy', 'token F1', 'flip rate']);
	});

	it('have one row per model that was not fine-tuned, and none for what was not asked', () => {
		const single = rows.filter(({ epoch, metric }) => epoch === 1 && metric === 'accuracy');
		const found = resultTables(createView(withRows(single.map((own) => ({ ...own, epoch: null })))));
		expect(found.map(({ id, rows: own }) => [id, own.map(({ heads }) => heads)])).toEqual([['accuracy', [[model.id]]]]);
	});
});

it('say over how many examples a figure is: in the title where most are, in the cell where it is another number', () => {
	const models = ['a', 'b', 'c'];
	const own = models.map((name) => testRow({ ...rows[0], model: name, epoch: null, n: name === 'c' ? 90 : 98 }));
	const input = withRows(own);
	const study = { ...input.study, models: models.map((id) => ({ id, description: '' })) };
	const [accuracy] = resultTables(createView({ ...input, study }));
	expect(accuracy?.columns).toEqual(['Planted biographies (n 98)']);
	const text = markdownTables(accuracy === undefined ? [] : [accuracy]);
	expect(text).toMatch(/\| a \| 0\.50 \\?\[[^|]*\] \|/u);
	expect(text).toMatch(/\| c \| 0\.50 \\?\[[^|]*\] \(n 90\) \|/u);
});

describe('flip curves', () => {
	const at = (share: number, value: number): SummaryRow =>
		row({ metric: 'flip_curve', method: method.id, masking: masking.id, share, value, ci95: [0, 0.9] });
	const found = resultTables(createView(withRows([at(0.5, 0.75), at(0.1, 0.25)])));

	it('are a table with a column per share', () => {
		expect(found.map(({ id, columns }) => [id, columns])).toEqual([['flip-curves', ['10 % (n 100)', '50 % (n 100)']]]);
		expect(found[0]?.rows).toMatchObject([
			{ heads: [model.id, dataset.title, method.title], cells: [{ value: 0.25 }, { value: 0.75 }] },
		]);
	});

	it('say their share in CSV', () => {
		const lines = csvTables(found).split('\n');
		expect(lines.slice(1, -1).map((line) => line.split(',').slice(7, 12))).toEqual([
			[masking.id, 'flip_curve', '0.1', '0.25', '0'],
			[masking.id, 'flip_curve', '0.5', '0.75', '0'],
		]);
	});
});

describe('table files', () => {
	it('write Markdown with intervals, and say what is not evaluable', () => {
		const text = markdownTables(tables);
		expect(text).toContain('0.50 \\[0.40, 0.80\\]');
		expect(text).toContain('n.e.');
		expect(text).toContain('n.e.: not evaluable');
	});

	it('write LaTeX that escapes what means something to it', () => {
		expect(escapeLatex('a_b & 5 % of {x} ~ \\')).toBe(
			'a\\_b \\& 5 \\% of \\{x\\} \\textasciitilde{} \\textbackslash{}',
		);
		const text = latexTables(tables);
		expect(text).toContain('\\begin{tabular}{lr}');
		expect(text).toContain('0.50 {\\tiny {[}0.40, 0.80{]}}');
		expect(text.split('\\begin{table}')).toHaveLength(text.split('\\end{table}').length);
	});

	it('part LaTeX tables by model, and put long ones on several pages', () => {
		const [, alignment] = tables;
		if (alignment === undefined) throw new Error();
		const text = latexTables([alignment]);
		expect(text.match(/\\midrule/gu)).toHaveLength(2);
		expect(text).toContain(`(n ${dataset.n})`);
		const [first] = alignment.rows;
		if (first === undefined) throw new Error();
		const long = latexTables([{ ...alignment, rows: Array.from({ length: 41 }, () => first) }]);
		expect(long).toContain('\\begin{longtable}{lllr}');
		expect(long).toContain('\\end{longtable}');
		expect(long.split(`${model.id}, before`)).toHaveLength(2);
	});

	it('lay LaTeX tables with many columns across the page', () => {
		const [accuracy] = tables;
		const [line] = accuracy?.rows ?? [];
		if (accuracy === undefined || line === undefined) throw new Error();
		const wideOf = (count: number) => {
			const cells = Array.from({ length: count }, () => line.cells[0]);
			return latexTables([{ ...accuracy, columns: cells.map(String), rows: [{ ...line, cells }] }]);
		};
		expect(wideOf(5)).toMatch(/\\begin\{landscape\}[^]*\\begin\{longtable\}\{lrrrrr\}[^]*\\end\{landscape\}/u);
		expect(wideOf(4)).not.toContain('landscape}\\tiny');
	});

	it('name datasets briefly, unless two would have one name', () => {
		const named = (...titles: readonly string[]): readonly string[] => {
			const datasets = titles.map((title, i) => ({ ...dataset, id: i === 0 ? dataset.id : String(i), title }));
			const view = createView({ ...withRows(rows), study: { ...input.study, datasets } });
			return resultTables(view)[0]?.columns ?? [];
		};
		expect(named('Films: liked or not')).toEqual([`Films (n ${dataset.n})`]);
		expect(named('Films: liked or not', 'Films: long or not')).toEqual([`Films: liked or not (n ${dataset.n})`]);
	});

	it('write CSV with all that stands behind a number', () => {
		const [head, first] = csvTables(tables).split('\n');
		expect(head).toBe(
			'table,model,dataset,split,epoch,method,selection,masking,metric,share,value,low,high,n,missing,chance,note',
		);
		expect(first?.startsWith(`accuracy,${model.id},${dataset.id},test,0,,,,accuracy,,0.5,0.4,0.8,`)).toBe(true);
		const quoted = row({ metric: 'accuracy', method: null, epoch: null, note: 'a, "b"' });
		expect(csvTables(resultTables(createView(withRows([quoted]))))).toContain('"a, ""b"""');
	});

	it('has no cell that a spreadsheet computes, and numbers as they are', () => {
		const begins = ['=1+1', '+1', '-2', '@SUM(1)', '＝1', '\t=1'];
		const lines = csvTables([
			{
				...(tables[0] as (typeof tables)[number]),
				rows: begins.map((model) => ({
					heads: [],
					cells: [{ ...row({ metric: 'kappa', value: -0.5, ci95: [-1, 0] }), model }],
				})),
			},
		]).split('\n');
		expect(lines.slice(1, -1).map((line) => line.split(',')[1])).toEqual([
			"'=1+1",
			"'+1",
			"'-2",
			"'@SUM(1)",
			"'＝1",
			'\\u0009=1',
		]);
		expect(lines[1]).toContain(',-0.5,-1,0,');
	});

	it('shows controls in every form, which LaTeX does not stand', () => {
		const hostile = [{ ...row({ metric: 'accuracy', value: 0.5 }), model: 'a\u001B[1m\nb\u202E' }];
		const [table] = tables;
		const one = [
			{
				...(table as (typeof tables)[number]),
				title: 'a\u001B',
				rows: hostile.map((cell) => ({ heads: [cell.model], cells: [cell] })),
			},
		];
		for (const text of [csvTables(one), latexTables(one), markdownTables(one)]) {
			expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\u202E/u);
			expect(text).toContain('u000ab');
		}
	});

	it('lie beside the report, which shows the same tables', () => {
		expect(Object.keys(tableFiles(withRows(rows)))).toEqual(['tables.md', 'tables.tex', 'tables.csv']);
		expect(renderReport(withRows(rows))).toContain('id="tables"');
	});
});
