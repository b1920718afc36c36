/** e-SNLI (Camburu et al. 2018): `esnli_train_1.csv`, `esnli_train_2.csv`, `esnli_dev.csv`, `esnli_test.csv`. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Annotation, type Example, type Segment, segmentOf } from '../../core/example.ts';
import type { BadRow } from '../../core/badRow.ts';
import { zip } from '../../core/present.ts';
import { filesAt } from '../../network/sources/source.ts';
import { collect, RowProblem } from '../badRows.ts';
import { readRationale } from '../rationaleForms.ts';
import { readRows } from '../rawRows.ts';
import {
	fileIn,
	labelIn,
	noteOf,
	type PublishedDataset,
	type ReadRow,
	requireColumns,
	splitNamed,
	textIn,
	withDifferentIds,
} from './publishedDataset.ts';
import type { RawRow } from '../rawTable.ts';

const LABELS = ['entailment', 'neutral', 'contradiction'];

const COLUMNS = ['pairID', 'gold_label', 'Sentence1', 'Sentence2', 'Sentence1_marked_1', 'Sentence2_marked_1'];

const FILES: Readonly<Record<string, readonly string[]>> = {
	train: ['esnli_train_1.csv', 'esnli_train_2.csv'],
	dev: ['esnli_dev.csv'],
	test: ['esnli_test.csv'],
};

export const eSnli: PublishedDataset = {
	id: 'e-snli',
	title: 'e-SNLI: premise and hypothesis',
	task: 'e-snli',
	splits: Object.keys(FILES),
	files: 'esnli_train_1.csv, esnli_train_2.csv, esnli_dev.csv, esnli_test.csv',
	source: 'github.com/OanaMariaCamburu/e-SNLI',
	licence: 'see its repository',
	// Hashes: the catalogues of TensorFlow Datasets and of Hugging Face's datasets 2.x, which agree.
	fetchFrom: {
		kind: 'addresses',
		addresses: filesAt('https://raw.githubusercontent.com/OanaMariaCamburu/e-SNLI/master/dataset', {
			'esnli_train_1.csv': '7311c7bc16ad9f6a9adcd116a62ef991e1803dc0d71e253ce66b975c2aba8ee5',
			'esnli_train_2.csv': 'c8827fa2ba1ef5891f077d6fafbfc2fdb6cab1271968b74257e08d3b2b3cbacc',
			'esnli_dev.csv': 'd7a656d196eea18fd827d6f5486b00f5d4cf469dbf13a252cc211495a186bcb4',
			'esnli_test.csv': '9269aa8075dbfed0fa8a5012eb2ac9c18a92be139671f05df897f69092592927',
		}),
	},
	read: async (path, split) => {
		const examples: Example[] = [];
		const badRows: BadRow[] = [];
		// The training data comes in two files.
		const taken = new Map<string, string>();
		let unmarked = 0;
		for (const file of filesOf(path, splitNamed('e-snli', split, Object.keys(FILES)))) {
			const raw = await readRows(file);
			requireColumns(file, raw, COLUMNS);
			const rows = collect(file, raw.rows, readRow);
			const different = withDifferentIds(file, rows.values, taken);
			examples.push(...different.values.map(({ example }) => example));
			badRows.push(...raw.badRows, ...rows.badRows, ...different.badRows);
			unmarked += rows.values.reduce((sum, row) => sum + row.unmarked, 0);
		}
		const notes = noteOf(unmarked, 'annotation', 'of a text that others marked mark no word and are left out');
		return { examples, badRows, notes };
	},
};

/** A path may name one file; the training data comes in two. */
function filesOf(path: string, split: string): string[] {
	const names = FILES[split] ?? [];
	const isFolder = existsSync(path) && statSync(path).isDirectory();
	const there = isFolder ? names.map((name) => join(path, name)).filter((file) => existsSync(file)) : [];
	return there.length > 0 ? there : [fileIn(path, names)];
}

interface MarkedRow extends ReadRow {
	/** Annotations without any marked word. */
	readonly unmarked: number;
}

function readRow({ line, cells }: RawRow): MarkedRow {
	const id = textIn(cells, 'pairID');
	const label = labelIn(cells.get('gold_label'), LABELS);
	const segments = [
		segmentOf('premise', textIn(cells, 'Sentence1')),
		segmentOf('hypothesis', textIn(cells, 'Sentence2')),
	];
	const all = [1, 2, 3].flatMap((number) => annotationOf(cells, segments, number) ?? []);
	const annotations = all.filter(({ spans }) => spans.length > 0);
	if (annotations.length === 0) throw new RowProblem('rationale', 'no annotator marks any word');
	// For neutral pairs annotators were to mark words of the hypothesis only.
	const unjudged = label === 'neutral' ? { unjudged: [0] } : {};
	const unmarked = all.length - annotations.length;
	return { line, unmarked, example: { id, segments, label, annotations, ...unjudged } };
}

/** Returns what one annotator marked, null where the row has no such annotator. */
function annotationOf(
	cells: ReadonlyMap<string, unknown>,
	segments: readonly Segment[],
	number: number,
): Annotation | null {
	const marked = segments.map((_, segment) => cells.get(`Sentence${segment + 1}_marked_${number}`));
	if (marked.every((cell) => cell === undefined || cell === '')) return null;
	const spans = zip(segments, marked).flatMap(([segment, cell], i) => {
		const form = { column: '', form: 'marked_spans', unit: 'code_units' } as const;
		return readRationale(cell ?? '', segment, form).map((span) => ({ segment: i, span }));
	});
	return { annotator: `annotator ${number}`, spans };
}
