/**
 * MedicalBios (Eberle et al. 2023), `coastalcph/medical-bios`: biographies of the `standard` configuration, annotated ones
 * of `rationales`, and the `biosbias.csv` of its repository. Every file may be `.jsonl` or `.parquet`.
 */
import { basename, extname } from 'node:path';
import { type Annotation, type Example, segmentOf } from '../../core/example.ts';
import { sourceOf } from '../../network/sources/source.ts';
import { collect, RowProblem } from '../badRows.ts';
import { readRows } from '../rawRows.ts';
import {
	fileIn,
	noteOf,
	type PublishedDataset,
	type Reading,
	requireColumns,
	type ReadRow,
	splitNamed,
	textIn,
	withDifferentIds,
} from './publishedDataset.ts';
import { flaggedAnnotation, locatedSegment } from './tokens.ts';
import type { RawRow } from '../rawTable.ts';

/** In the order of the class numbers. */
const OCCUPATIONS = ['psychologist', 'surgeon', 'nurse', 'dentist', 'physician'];

const NAMES: Readonly<Record<string, readonly string[]>> = {
	train: ['train'],
	validation: ['validation', 'val', 'dev'],
	test: ['test'],
	rationales: ['rationales', 'test_rationales', 'test'],
};

const SPLITS = ['train', 'validation', 'test', 'rationales'];

type Question = 'plain' | 'contrastive';

export const medicalBios = dataset('medical-bios', 'plain', 'MedicalBios: occupation of a person');

/** Annotators said why it is this occupation rather than another one. */
export const medicalBiosContrastive = dataset(
	'medical-bios-contrastive',
	'contrastive',
	'MedicalBios, contrastive: this occupation rather than that one',
);

function dataset(id: string, question: Question, title: string): PublishedDataset {
	return {
		id,
		title,
		task: 'medical-bios',
		splits: question === 'plain' ? SPLITS : ['rationales'],
		files: 'train, validation, test (standard) and rationales as .jsonl or .parquet, or biosbias.csv',
		source: 'huggingface.co/datasets/coastalcph/medical-bios',
		licence: 'see its card',
		fetchFrom: sourceOf(['datasets/coastalcph/medical-bios']),
		read: async (path, split) => read(path, splitNamed(id, split, SPLITS), question),
	};
}

async function read(path: string, split: string, question: Question): Promise<Reading> {
	const names = NAMES[split] ?? [split];
	const file = fileIn(path, [...names.flatMap((name) => [`${name}.jsonl`, `${name}.parquet`]), 'biosbias.csv']);
	const raw = await readRows(file);
	requireColumns(file, raw, ['text', ['label', 'title']]);
	const head = { file: basename(file, extname(file)), question };
	const rows = collect(file, raw.rows, (row) => readRow(row, head));
	const different = withDifferentIds(file, rows.values);
	const examples = different.values.map(({ example }) => example);
	const without = examples.filter(({ annotations }) => annotations.length === 0).length;
	return {
		examples,
		badRows: [...raw.badRows, ...rows.badRows, ...different.badRows],
		notes: noteOf(without, 'biography', 'without a human rationale').map((note) =>
			note.replace('biographys', 'biographies'),
		),
	};
}

function readRow({ line, cells }: RawRow, { file, question }: { file: string; question: Question }): ReadRow {
	const label = occupation(cells, 'label', 'title');
	const foil = foilOf(cells);
	const text = textIn(cells, 'text');
	const head = {
		id: idOf(cells, `${file}-${line}`),
		label,
		...(question === 'contrastive' && foil !== null ? { foil } : {}),
	};
	if (question === 'contrastive' && foil === label)
		throw new RowProblem('label', `the foil is the label itself, "${label}"`);
	const words = cells.get('words');
	if (words === undefined || words === null) {
		return { line, example: { ...head, segments: [segmentOf('biography', text)], annotations: [] } };
	}
	return { line, example: { ...head, ...annotated(cells, text, words, question) } };
}

function annotated(
	cells: ReadonlyMap<string, unknown>,
	text: string,
	words: unknown,
	question: Question,
): Pick<Example, 'segments' | 'annotations'> {
	if (!isList(words) || !words.every((word) => typeof word === 'string')) {
		throw new RowProblem('form', '"words" is no list of texts');
	}
	const { segment, spans } = locatedSegment('biography', text, words);
	const prefix = question === 'contrastive' ? 'contrastive_' : '';
	const each = cells.get(`${prefix}annotations`);
	// The names of the dataset's card are in the singular, those of its script in the plural.
	const together = cells.get(`${prefix}rationales`) ?? cells.get(`${prefix}rationale`);
	const annotations: Annotation[] = isFilled(each)
		? each.map((flags, i) => flaggedAnnotation(`annotator ${i + 1}`, spans, listOf(flags, `${prefix}annotations`)))
		: isFilled(together)
			? [flaggedAnnotation('all annotators', spans, together)]
			: [];
	return { segments: [segment], annotations };
}

function occupation(cells: ReadonlyMap<string, unknown>, ...columns: readonly string[]): string {
	const value = columns.map((column) => cells.get(column)).find((cell) => cell !== undefined && cell !== null);
	const name = occupationNamed(value);
	if (name !== null) return name;
	throw new RowProblem('label', `unknown label ${JSON.stringify(value)}; the labels are ${OCCUPATIONS.join(', ')}`);
}

/** Returns the occupation of a class number or name, null where there is none. */
function occupationNamed(value: unknown): string | null {
	return OCCUPATIONS.find((name, number) => name === value || number === value) ?? null;
}

function foilOf(cells: ReadonlyMap<string, unknown>): string | null {
	const value = cells.get('foil') ?? cells.get('2nd best prediction');
	if (value === undefined || value === null || value === '') return null;
	const name = occupationNamed(value);
	if (name === null) throw new RowProblem('label', `unknown foil ${JSON.stringify(value)}`);
	return name;
}

/** The CSV numbers its rows in a column without a name. */
function idOf(cells: ReadonlyMap<string, unknown>, otherwise: string): string {
	const own = cells.get('id') ?? cells.get('');
	return typeof own === 'string' || typeof own === 'number' ? `bio-${own}` : otherwise;
}

function isList(value: unknown): value is readonly unknown[] {
	return Array.isArray(value);
}

function isFilled(value: unknown): value is readonly unknown[] {
	return isList(value) && value.length > 0;
}

function listOf(value: unknown, column: string): readonly unknown[] {
	if (isList(value)) return value;
	throw new RowProblem('form', `"${column}" is no list of lists`);
}
