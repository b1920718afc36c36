/** The report's input, arranged: settings with their rows and records, in the order of the study. */
import { itemAt } from '../core/present.ts';
import type { PredictionRecord, RationaleRecord } from '../records/records.ts';
import { groupBy } from '../core/groupBy.ts';
import { formatInterval, formatNumber } from './numbers.ts';
import type { ReportInput } from './reportInput.ts';
import type { SettingVerdict } from '../records/summaryRows.ts';
import type { SummaryRow } from '../records/summaryRows.ts';

/** One model on one split of one dataset at one epoch, with all that is known of it. */
export interface Setting {
	readonly model: string;
	readonly dataset: string;
	readonly split: string;
	readonly epoch: number | null;
	readonly rows: readonly SummaryRow[];
	/** The same rows, to be found without a search through all. */
	readonly rowIndex: RowIndex;
	readonly predictions: readonly PredictionRecord[];
	readonly rationales: readonly RationaleRecord[];
	readonly verdict: SettingVerdict | null;
}

/** Rows by metric; by metric and method; by metric, method and selection. */
export type RowIndex = ReadonlyMap<string, readonly SummaryRow[]>;

/** The settings, each at its last epoch, that share the examples of one split of one dataset. */
export interface DatasetGroup {
	readonly title: string;
	readonly settings: readonly Setting[];
}

/** A method with the rule that cut its scores into a set of words. */
export interface Choice {
	readonly method: string;
	readonly selection: string | null;
}

export interface View {
	readonly input: ReportInput;
	/** All settings, all epochs. */
	readonly settings: readonly Setting[];
	readonly groups: readonly DatasetGroup[];
}

export type Family = 'attribution' | 'prompting' | 'reference';

/** What the split of a dataset without splits is called. */
const UNSPLIT = 'all';

const selectionOrder = [
	'top_var',
	'top_ratio',
	'top_share',
	'top_k',
	'matched',
	'threshold',
	'contiguous',
	'sentence',
	'own',
];

/** What a selection does, in words. */
const selectionTitles: Readonly<Record<string, string>> = {
	top_var: 'as many words as people marked',
	top_ratio: 'the mean share of words people mark',
	top_share: 'a fixed share of the words',
	top_k: 'a fixed number of words',
	matched: 'as many words as the model itself named',
	threshold: 'all words with a high score',
	contiguous: 'the best consecutive words',
	sentence: 'the best sentence',
	own: 'the words it named itself',
};

/** Returns the input arranged by setting. */
export function createView(input: ReportInput): View {
	const settings = settingsOf(input);
	const last = settings.filter((setting, i) => placeOf(settings[i + 1]) !== placeOf(setting));
	const groups = groupBy(last, (setting) => JSON.stringify([setting.dataset, setting.split]));
	return {
		input,
		settings,
		groups: [...groups.values()].map((members) => ({ title: groupTitle(input, members), settings: members })),
	};
}

/** Returns all settings by dataset, split, model and epoch. */
function settingsOf(input: ReportInput): Setting[] {
	const keyOf = (at: SettingKey): string => JSON.stringify([at.model, at.dataset, at.split, at.epoch]);
	const rows = groupBy(input.summary.rows, keyOf);
	const records = groupBy(input.records, keyOf);
	const firsts = new Map<string, SettingKey>();
	for (const at of [...input.summary.rows, ...input.records]) if (!firsts.has(keyOf(at))) firsts.set(keyOf(at), at);
	const { datasets, models } = input.study;
	return [...firsts]
		.map(([key, { model, dataset, split, epoch }]) => ({
			model,
			dataset,
			split,
			epoch,
			...arranged(rows.get(key) ?? [], records.get(key) ?? []),
			verdict:
				input.verdicts.find(
					(verdict) => verdict.model === model && verdict.dataset === dataset && (verdict.epoch ?? null) === epoch,
				) ?? null,
		}))
		.toSorted(
			(a, b) =>
				positionOf(datasets, a.dataset) - positionOf(datasets, b.dataset) ||
				a.split.localeCompare(b.split, 'en') ||
				positionOf(models, a.model) - positionOf(models, b.model) ||
				(a.epoch ?? -1) - (b.epoch ?? -1),
		);
}

function arranged(
	rows: readonly SummaryRow[],
	records: ReportInput['records'],
): Pick<Setting, 'rows' | 'rowIndex' | 'predictions' | 'rationales'> {
	return {
		rows,
		rowIndex: rowIndexOf(rows),
		predictions: records.filter((record) => record.kind === 'prediction'),
		rationales: records.filter((record) => record.kind === 'rationale'),
	};
}

type SettingKey = Pick<Setting, 'model' | 'dataset' | 'split' | 'epoch'>;

/** Returns what a setting has in common with itself at other epochs. */
export function placeOf(setting: SettingKey | undefined): string {
	return setting === undefined ? '' : JSON.stringify([setting.model, setting.dataset, setting.split]);
}

function groupTitle(input: ReportInput, [first]: readonly Setting[]): string {
	return first === undefined ? '' : splitTitle(input, first);
}

function positionOf(list: readonly { readonly id: string }[], id: string): number {
	const position = list.findIndex((entry) => entry.id === id);
	return position < 0 ? list.length : position;
}

/** Returns the model's name, with the epoch where there is one. */
export function modelTitle(setting: Setting): string {
	return setting.epoch === null ? setting.model : `${setting.model}, epoch ${setting.epoch}`;
}

export function datasetTitle(input: ReportInput, id: string): string {
	return input.study.datasets.find((dataset) => dataset.id === id)?.title ?? id;
}

/** Returns the dataset's title with its split; without one where the dataset is not split. */
export function splitTitle(input: ReportInput, { dataset, split }: Pick<Setting, 'dataset' | 'split'>): string {
	return `${datasetTitle(input, dataset)}${split === UNSPLIT ? '' : `, ${split} split`}`;
}

export function methodTitle(input: ReportInput, id: string): string {
	return input.study.methods.find((method) => method.id === id)?.title ?? id;
}

export function metricTitle(input: ReportInput, id: string): string {
	return input.study.metrics.find((metric) => metric.id === id)?.title ?? id;
}

/** Returns the masking of the headline figures, the study's first one; null where it has none. */
export function headlineMasking({ study }: ReportInput): string | null {
	const [first] = study.maskings;
	return first === undefined ? null : first.id;
}

export function maskingTitle(input: ReportInput, id: string): string {
	return input.study.maskings.find((masking) => masking.id === id)?.title ?? id;
}

/** Returns the selection's id with its meaning. */
export function selectionTitle(id: string | null): string {
	if (id === null) return 'all words, by score';
	return selectionTitles[id] === undefined ? id : `${id}: ${selectionTitles[id]}`;
}

export function familyOf(input: ReportInput, method: string): Family {
	return input.study.methods.find(({ id }) => id === method)?.family ?? 'attribution';
}

/** Returns the methods with their selections that occur in the rows: by selection, then as in the study, references last. */
export function choicesOf(input: ReportInput, rows: readonly SummaryRow[]): Choice[] {
	const choices = new Map<string, Choice>();
	for (const { method, selection } of rows) {
		if (method !== null) choices.set(JSON.stringify([method, selection]), { method, selection });
	}
	const rank = ({ method, selection }: Choice): number[] => [
		selectionRank(selection),
		familyOf(input, method) === 'reference' ? 1 : 0,
		positionOf(input.study.methods, method),
	];
	return [...choices.values()].toSorted((a, b) => compareRanks(rank(a), rank(b)));
}

function selectionRank(selection: string | null): number {
	const rank = selectionOrder.indexOf(selection ?? '');
	return rank < 0 ? selectionOrder.length : rank;
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
	const index = a.findIndex((value, i) => value !== b[i]);
	return index < 0 ? 0 : itemAt(a, index) - itemAt(b, index);
}

/** Returns the index of a setting's rows; in each entry they stand in the order given. */
export function rowIndexOf(rows: readonly SummaryRow[]): RowIndex {
	const index = new Map<string, SummaryRow[]>();
	for (const row of rows) {
		const { metric, method, selection } = row;
		for (const key of [keyOf([metric]), keyOf([metric, method]), keyOf([metric, method, selection])]) {
			const known = index.get(key);
			if (known === undefined) index.set(key, [row]);
			else known.push(row);
		}
	}
	return index;
}

function keyOf(parts: readonly (string | null)[]): string {
	return parts.map((part) => part ?? '').join('\n');
}

/** Returns the setting's row with these properties. */
export function findRow(setting: Setting, wanted: Partial<SummaryRow>): SummaryRow | undefined {
	const { metric, method, selection } = wanted;
	if (metric === undefined) return setting.rows.find((row) => matches(row, wanted));
	const known = [metric, ...(method === undefined ? [] : [method, ...(selection === undefined ? [] : [selection])])];
	return setting.rowIndex.get(keyOf(known))?.find((row) => matches(row, wanted));
}

/**
 * Returns the titles of the methods under study without any value of a metric, references left out: a best one is the best
 * of the others only. Empty where no method has one, which is said otherwise.
 */
export function unmeasuredMethods({ input }: View, setting: Setting, wanted: Partial<SummaryRow>): string[] {
	const rows = setting.rows.filter((row) => row.value !== null && matches(row, wanted));
	const measured = new Set(rows.map(({ method }) => method));
	const studied = input.study.methods.filter(({ family }) => family !== 'reference');
	const without = studied.filter(({ id }) => !measured.has(id));
	return without.length === studied.length ? [] : without.map(({ title }) => title);
}

/** Returns true when the row has all the wanted properties. */
export function matches(row: SummaryRow, wanted: Partial<SummaryRow>): boolean {
	for (const key in wanted) if (row[key as keyof SummaryRow] !== wanted[key as keyof SummaryRow]) return false;
	return true;
}

/** Returns the verdict in words: `not evaluable: …`, `evaluable with care: …`, `evaluable`. */
export function verdictText(verdict: SettingVerdict | null): string {
	if (verdict === null) return 'not judged';
	const level = levelText(verdict);
	return verdict.reasons.length === 0 ? level : `${level}: ${verdict.reasons.join('; ')}`;
}

/** Returns true when faithfulness figures of the setting must not be read. */
export function isNotEvaluable(setting: Setting): boolean {
	return setting.verdict?.level === 'not evaluable';
}

/** Returns what has to be said beside a number; of the setting's own verdict no more than the level, where there is no number. */
export function noteBesideVerdict(row: SummaryRow, { verdict }: Setting): string | null {
	if (row.note === null || verdict === null || verdict.level === 'evaluable') return row.note;
	const isOwn = row.evaluable === (verdict.level === 'with care' ? 'with care' : 'no');
	if (!isOwn) return row.note;
	return row.value === null ? levelText(verdict) : null;
}

function levelText({ level }: SettingVerdict): string {
	return level === 'with care' ? 'evaluable with care' : level;
}

/** Returns how often reduced precision decided otherwise, null where masked texts were scored as precisely as others. */
export function precisionText({ rows }: Setting): string | null {
	const row = rows.find(({ metric }) => metric === 'changed_decisions');
	if (row === undefined) return null;
	const share = `${formatNumber(row.value)} ${formatInterval(row.ci95)}`.trimEnd();
	return (
		'Masked texts were scored with reduced precision (“What was run”). Of a sample with random words masked, scored with full ' +
		`precision as well, this share got another label: ${share} (n ${row.n}).`
	);
}
