/** FEVER with its evidence: ERASER's folder, or lines of claim, label and evidence sentences. */
import { basename, extname } from 'node:path';
import { segmentOf } from '../../core/example.ts';
import { collect, RowProblem } from '../badRows.ts';
import { readRows } from '../rawRows.ts';
import { eraserAddresses, isEraserFolder, readEraserTask } from './eraserTasks.ts';
import {
	fileIn,
	labelIn,
	type PublishedDataset,
	type Reading,
	type ReadRow,
	requireColumns,
	splitNamed,
	textIn,
	withDifferentIds,
} from './publishedDataset.ts';
import type { RawRow } from '../rawTable.ts';

const SPLITS = ['train', 'val', 'test'];

const LABELS = ['SUPPORTS', 'REFUTES'];

export const fever: PublishedDataset = {
	id: 'fever',
	title: 'FEVER: claim and evidence',
	task: 'fever',
	splits: SPLITS,
	files: "ERASER's train.jsonl, val.jsonl, test.jsonl and docs/, or lines with claim, label and evidence",
	source: 'fever.ai; eraserbenchmark.com',
	licence: 'CC BY-SA 3.0 (text of Wikipedia)',
	fetchFrom: { kind: 'addresses', addresses: eraserAddresses('fever') },
	read: (path, split) => (isEraserFolder(path) ? readEraserTask('fever', path, split) : readPlain(path, split)),
};

/** The evidence of the plain form is nothing but the sentences that were marked, so that it tells no words apart. */
async function readPlain(path: string, split: string): Promise<Reading> {
	const name = splitNamed('fever', split, SPLITS);
	const names = name === 'val' ? ['val', 'validation', 'dev'] : [name];
	const file = fileIn(
		path,
		names.map((own) => `${own}.jsonl`),
	);
	const raw = await readRows(file);
	requireColumns(file, raw, ['claim', 'label', 'evidence']);
	const rows = collect(file, raw.rows, (row) => readRow(row, basename(file, extname(file))));
	const different = withDifferentIds(file, rows.values);
	return {
		examples: different.values.map(({ example }) => example),
		badRows: [...raw.badRows, ...rows.badRows, ...different.badRows],
		notes: ['this form of FEVER holds the marked sentences only: there is no human rationale of words'],
	};
}

function readRow({ line, cells }: RawRow, file: string): ReadRow {
	const evidence = cells.get('evidence');
	const sentences: readonly unknown[] = Array.isArray(evidence) ? evidence : [evidence];
	if (!sentences.every((sentence) => typeof sentence === 'string')) {
		throw new RowProblem('form', '"evidence" is no text and no list of texts');
	}
	const text = sentences
		.map((sentence) => sentence.trim())
		.filter((sentence) => sentence !== '')
		.join(' ');
	if (text === '') throw new RowProblem('text', '"evidence" is empty');
	const own = cells.get('id');
	return {
		line,
		example: {
			id: own === undefined || own === null ? `${file}-${line}` : textIn(cells, 'id'),
			segments: [segmentOf('claim', textIn(cells, 'claim')), segmentOf('evidence', text)],
			label: labelIn(cells.get('label'), LABELS),
			annotations: [],
		},
	};
}
