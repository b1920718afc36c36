import { groupBy } from '../../core/groupBy.ts';
import { itemAt, lastOf, zip } from '../../core/present.ts';
import {
	choicesOf,
	datasetTitle,
	findRow,
	headlineMasking,
	methodTitle,
	placeOf,
	type Setting,
	type View,
} from '../view.ts';
import type { SummaryRow } from '../../records/summaryRows.ts';

/** A number of the summary; undefined where there is none. */
export type ResultCell = SummaryRow | undefined;

export interface ResultRow {
	readonly heads: readonly string[];
	readonly cells: readonly ResultCell[];
}

export interface ResultTable {
	readonly id: string;
	readonly title: string;
	/** What the numbers are, with the masking where they depend on one. */
	readonly caption: string;
	/** Titles of the columns that name a row. */
	readonly heads: readonly string[];
	/** Titles of the columns of numbers, with the number of examples that most of a column's figures are over. */
	readonly columns: readonly string[];
	readonly rows: readonly ResultRow[];
	/** By column, the number of examples in its title; null where the column has no figure. */
	readonly usualCounts: readonly (number | null)[];
}

type PlainTable = Omit<ResultTable, 'usualCounts'>;

/** Returns ` (n 398)` for a figure over another number of examples than its column says; else nothing. */
export function countText(cell: ResultCell, usual: number | null | undefined): string {
	return cell?.value == null || cell.n === usual ? '' : ` (n ${cell.n})`;
}

/** Returns the tables that have a number; a metric that was not asked for has none. */
export function resultTables(view: View): ResultTable[] {
	const masking = headlineMasking(view.input);
	const tables = [
		accuracyTable(view),
		methodTable(view, {
			id: 'alignment',
			title: 'Alignment',
			metric: 'token_f1.macro',
			masking: null,
			caption: 'Token F1 with the human rationale, mean over the examples, with 95 % interval.',
		}),
		methodTable(view, {
			id: 'flip-rates',
			title: 'Flip rates',
			metric: 'flip_rate',
			masking,
			caption: `Share of all predictions that change once the rationale is masked (${masking ?? 'no masking'}), with 95 % interval.`,
		}),
		curveTable(view, masking),
		...epochTables(view, masking),
	];
	return tables
		.filter(({ rows }) => rows.some(({ cells }) => cells.some((cell) => cell !== undefined)))
		.map(withCounts);
}

/** A figure is over those examples that have it, which are not always all of the dataset. */
function withCounts(table: PlainTable): ResultTable {
	const usualCounts = table.columns.map((_, i) => usualCount(table.rows.map(({ cells }) => cells[i])));
	const columns = zip(table.columns, usualCounts).map(([title, n]) => (n === null ? title : `${title} (n ${n})`));
	return { ...table, columns, usualCounts };
}

/** Returns the most frequent number of examples, the largest of several; null without a figure. */
function usualCount(cells: readonly ResultCell[]): number | null {
	const counts = new Map<number, number>();
	for (const cell of cells) if (cell?.value != null) counts.set(cell.n, (counts.get(cell.n) ?? 0) + 1);
	const [first] = [...counts].toSorted(([n, times], [m, others]) => others - times || m - n);
	return first === undefined ? null : first[0];
}

/** One model before fine-tuning, after it, or the model as it is; its settings by dataset. */
interface Stage {
	readonly model: string;
	/** Empty for a model that was not fine-tuned. */
	readonly stage: string;
	readonly settings: readonly Setting[];
}

/** Returns the stages in the order of the study's models. */
function stagesOf({ input, settings }: View): Stage[] {
	const series = [...groupBy(settings, placeOf).values()];
	return input.study.models.flatMap(({ id }) => {
		const own = series.filter(([first]) => first?.model === id);
		const first = own.map((epochs) => itemAt(epochs, 0));
		const last = own.map((epochs) => lastOf(epochs));
		if (own.length === 0) return [];
		if (own.every(({ length }) => length === 1)) return [{ model: id, stage: '', settings: last }];
		return [
			{ model: id, stage: 'before', settings: first },
			{ model: id, stage: 'after', settings: last },
		];
	});
}

function nameOf({ model, stage }: Stage): string {
	return stage === '' ? model : `${model}, ${stage}`;
}

interface Column {
	readonly dataset: string;
	readonly split: string;
}

function columnsOf({ input, settings }: View): { columns: Column[]; titles: string[] } {
	const places = groupBy(settings, ({ dataset, split }) => JSON.stringify([dataset, split]));
	const columns = [...places.values()].map((members) => itemAt(members, 0));
	return { columns, titles: columns.map(({ dataset }) => shortTitle(input, dataset)) };
}

/** Returns the name before the colon (`e-SNLI: premise and hypothesis`) where no other dataset has the same. */
function shortTitle(input: View['input'], dataset: string): string {
	const short = (id: string): string => datasetTitle(input, id).split(': ')[0] ?? id;
	const isOwn = input.study.datasets.every(({ id }) => id === dataset || short(id) !== short(dataset));
	return isOwn ? short(dataset) : datasetTitle(input, dataset);
}

function cellsOf({ settings }: Stage, columns: readonly Column[], wanted: Partial<SummaryRow>): ResultCell[] {
	return columns.map(({ dataset, split }) => {
		const setting = settings.find((own) => own.dataset === dataset && own.split === split);
		return setting === undefined ? undefined : findRow(setting, wanted);
	});
}

function accuracyTable(view: View): PlainTable {
	const { columns, titles } = columnsOf(view);
	return {
		id: 'accuracy',
		title: 'Accuracy',
		heads: ['Model'],
		columns: titles,
		caption: 'Share of right predictions, with 95 % interval.',
		rows: stagesOf(view).map((stage) => ({
			heads: [nameOf(stage)],
			cells: cellsOf(stage, columns, { metric: 'accuracy', subset: 'all', method: null }),
		})),
	};
}

interface MethodTable {
	readonly id: string;
	readonly title: string;
	readonly caption: string;
	readonly metric: string;
	readonly masking: string | null;
}

function methodTable(view: View, { id, title, caption, metric, masking }: MethodTable): PlainTable {
	const { columns, titles } = columnsOf(view);
	const rows = view.settings.flatMap((setting) => setting.rows.filter((row) => row.metric === metric));
	return {
		id,
		title,
		caption,
		heads: ['Model', 'Method', 'Selection'],
		columns: titles,
		rows: stagesOf(view).flatMap((stage) =>
			choicesOf(view.input, rows).map(({ method, selection }) => ({
				heads: [nameOf(stage), methodTitle(view.input, method), selection ?? ''],
				cells: cellsOf(stage, columns, { metric, masking, subset: 'all', method, selection }),
			})),
		),
	};
}

/** A row per model, dataset and method: a column per share of the words. */
function curveTable(view: View, masking: string | null): PlainTable {
	const rows = view.settings.flatMap((setting) => setting.rows.filter(({ metric }) => metric === 'flip_curve'));
	const shares = [...new Set(rows.flatMap(({ share }) => share ?? []))].toSorted((a, b) => a - b);
	return {
		id: 'flip-curves',
		title: 'Flip curves',
		caption: `Share of all predictions that change once a share of the words is masked, best words first (${masking ?? 'no masking'}), with 95 % interval.`,
		heads: ['Model', 'Dataset', 'Method'],
		columns: shares.map((share) => `${Math.round(share * 100)} %`),
		rows: stagesOf(view).flatMap((stage) =>
			stage.settings.flatMap((setting) =>
				choicesOf(view.input, rows).map(({ method }) => ({
					heads: [nameOf(stage), shortTitle(view.input, setting.dataset), methodTitle(view.input, method)],
					cells: shares.map((share) => findRow(setting, { metric: 'flip_curve', method, share })),
				})),
			),
		),
	};
}

/** A table per model and dataset with several epochs: a column each. */
function epochTables(view: View, masking: string | null): PlainTable[] {
	const series = [...groupBy(view.settings, placeOf).values()].filter((epochs) => epochs.length > 1);
	return series.flatMap((epochs, number) => {
		const [first] = epochs;
		if (first === undefined) return [];
		const rowsOf = (name: string, wanted: Partial<SummaryRow>): ResultRow[] => {
			const found = epochs.flatMap((setting) => setting.rows.filter(({ metric }) => metric === wanted.metric));
			return choicesOf(view.input, found).map(({ method, selection }) => ({
				heads: [name, methodTitle(view.input, method), selection ?? ''],
				cells: epochs.map((setting) => findRow(setting, { ...wanted, subset: 'all', method, selection })),
			}));
		};
		const accuracy = epochs.map((setting) => findRow(setting, { metric: 'accuracy', subset: 'all', method: null }));
		return [
			{
				id: `epochs-${number + 1}`,
				title: `${first.model} on ${shortTitle(view.input, first.dataset)}, epoch by epoch`,
				caption: 'Accuracy, token F1 and flip rate by epoch, with 95 % intervals.',
				heads: ['Number', 'Method', 'Selection'],
				columns: epochs.map(({ epoch }) => `epoch ${epoch ?? 0}`),
				rows: [
					{ heads: ['accuracy', '', ''], cells: accuracy },
					...rowsOf('token F1', { metric: 'token_f1.macro', masking: null }),
					...rowsOf('flip rate', { metric: 'flip_rate', masking }),
				],
			},
		];
	});
}
