/** `rationale export`: the records of a study for other tools. */
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { UserError } from '../../core/errors.ts';
import { itemAt } from '../../core/present.ts';
import type { ExportOptions } from '../../interchange/exportTables.ts';
import type { StudyRecord } from '../../records/records.ts';
import { alignColumns, wrapText } from '../../terminal/layout.ts';
import type { Session } from '../session.ts';

const formats = ['parquet', 'csv', 'eraser'] as const;

interface Options {
	readonly format: (typeof formats)[number];
	readonly out?: string;
	readonly json?: boolean;
	readonly forSpreadsheets?: boolean;
	readonly model?: string;
	readonly dataset?: string;
	readonly method?: string;
	readonly selection: string;
	readonly masking?: string;
}

interface Exported {
	readonly files: readonly { readonly path: string; readonly rows: number | null }[];
	readonly notes: readonly string[];
}

/** Adds the command. */
export function addExport(program: Command, session: Session): void {
	program
		.command('export')
		.summary("write a study's records for other tools: Parquet, CSV, ERASER")
		.description(
			'Writes the records of a study: as tables (predictions, rationales, selections, words) in Parquet or CSV, or ' +
				'one method on one dataset as a folder that ERASER’s own scorer reads.',
		)
		.argument('<folder>', 'the output folder of a study')
		.addOption(new Option('-f, --format <name>', 'what to write').choices(formats).default('parquet'))
		.option('-o, --out <folder>', 'where to; export/FORMAT in the study folder when left out')
		.option('--for-spreadsheets', 'for csv: an apostrophe before texts that a spreadsheet would compute')
		.option('--model <id>', 'for eraser: the model, where the study has several')
		.option('--dataset <id>', 'for eraser: the dataset, where the study has several')
		.option('--method <id>', 'for eraser: the method whose words and scores are written (needed)')
		.option('--selection <id>', 'for eraser: whose words are the hard predictions', 'top_var')
		.option('--masking <id>', 'for eraser: under which answers were asked for; the first of the study when left out')
		.option('--json', 'print the files written as JSON')
		.addHelpText(
			'after',
			'\nExamples:\n  rationale export runs/planted --format csv\n' +
				'  rationale export runs/planted --format eraser --model tiny-instruct \\\n' +
				'    --dataset planted-nli --method saliency.l2',
		)
		.action((folder: string, options: Options) => exportCommand(session, folder, options));
}

async function exportCommand({ terminal }: Session, folder: string, options: Options): Promise<void> {
	const { readStudyRecords } = await import('../../interchange/readStudyFolder.ts');
	const records = await readStudyRecords(folder);
	const out = options.out ?? join(folder, 'export', options.format);
	const { files, notes } =
		options.format === 'eraser'
			? await writeEraser(records, out, options)
			: await writeTables(records, out, {
					format: options.format,
					forSpreadsheets: options.forSpreadsheets === true && options.format === 'csv',
				});
	terminal.notes.lines(notes.flatMap((note) => wrapText(note, terminal.notes.columns)));
	if (options.json === true) terminal.out.lines([JSON.stringify(files, null, '\t')]);
	else
		terminal.out.lines(
			alignColumns(
				files.map(({ path, rows }) => [path, rows === null ? '' : `${rows} rows`]),
				0,
			),
		);
}

async function writeTables(records: readonly StudyRecord[], out: string, options: ExportOptions): Promise<Exported> {
	const { exportTables } = await import('../../interchange/exportTables.ts');
	return { files: await exportTables(records, out, options), notes: [] };
}

async function writeEraser(all: readonly StudyRecord[], out: string, options: Options): Promise<Exported> {
	const { eraserFiles, writeEraserFolder } = await import('../../interchange/eraserFolder.ts');
	const model = only('model', options.model, all);
	const dataset = only('dataset', options.dataset, all);
	const records = all.filter((record) => record.model === model && record.dataset === dataset);
	const split = requireOne('split', records);
	const last = Math.max(...records.map(({ epoch }) => epoch ?? 0));
	const methods = distinct(records.flatMap((record) => (record.kind === 'rationale' ? [record.method] : [])));
	if (options.method === undefined || !methods.includes(options.method)) {
		throw new UserError(`--method: name one of the study's methods: ${methods.join(', ')}.`);
	}
	const folder = eraserFiles({
		records: records.filter(({ epoch }) => (epoch ?? 0) === last),
		split,
		method: options.method,
		selection: options.selection,
		masking: options.masking ?? firstMasking(records),
	});
	await writeEraserFolder(out, folder);
	const reasons = distinct(folder.leftOut.map(({ reason }) => reason));
	return {
		files: [join(out, 'docs'), join(out, `${split}.jsonl`), join(out, 'predictions.jsonl')].map((path) => ({
			path,
			rows: null,
		})),
		notes: reasons.length === 0 ? [] : [`${folder.leftOut.length} examples are left out: ${reasons.join('; ')}.`],
	};
}

function only(key: 'model' | 'dataset', wanted: string | undefined, records: readonly StudyRecord[]): string {
	const known = distinct(records.map((record) => record[key]));
	const [first, ...others] = known;
	if (wanted === undefined && first !== undefined && others.length === 0) return first;
	if (wanted !== undefined && known.includes(wanted)) return wanted;
	throw new UserError(`--${key}: an ERASER folder is about one; name one of ${known.join(', ')}.`);
}

function requireOne(key: 'split', records: readonly StudyRecord[]): string {
	const known = distinct(records.map((record) => record[key]));
	if (known.length > 1) throw new UserError(`The study has several splits of this dataset (${known.join(', ')}).`);
	return itemAt(known, 0);
}

function firstMasking(records: readonly StudyRecord[]): string {
	const selections = records.flatMap((record) => (record.kind === 'rationale' ? record.selections : []));
	const [first = ''] = selections.flatMap(({ masked }) => Object.keys(masked));
	return first;
}

function distinct(values: readonly string[]): string[] {
	return [...new Set(values)];
}
