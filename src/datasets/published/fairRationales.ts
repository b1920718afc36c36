/**
 * The annotations of SST, DynaSent and CoS-E by six groups of people (Thorn Jakobsen et al. 2023):
 * `SST_annot_after_processing.csv` and its like, a row per text and annotator.
 */
import type { Annotation, Example, Segment } from '../../core/example.ts';
import { segmentOf } from '../../core/example.ts';
import type { BadRow } from '../../core/badRow.ts';
import { type Address, filesAt } from '../../network/sources/source.ts';
import { collect, RowProblem } from '../badRows.ts';
import { parseJson, readRows } from '../rawRows.ts';
import { eraserAddresses, readEraserTask } from './eraserTasks.ts';
import {
	fileIn,
	labelIn,
	noteOf,
	type PublishedDataset,
	type Reading,
	requireColumns,
	splitNamed,
	textIn,
} from './publishedDataset.ts';
import { flaggedAnnotation } from './tokens.ts';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../../core/errors.ts';
import type { RawRow } from '../rawTable.ts';

/** What the row of one annotator says. */
interface Judgement {
	readonly line: number;
	readonly id: string;
	readonly text: string;
	readonly gold: string;
	/** What this annotator says the label is. */
	readonly label: string;
	readonly annotator: string;
	readonly flags: readonly unknown[];
}

/** The files are not split. */
const SPLITS = ['all'];

const COLUMNS = [
	'text_id',
	'sentence',
	'original_label',
	'label',
	'label_index',
	'attentioncheck',
	'group_id',
	'annotator_ID',
	'rationale_binary',
];

const SENTIMENTS = ['negative', 'positive'];

export const sst = sentiment(
	'sst',
	'SST_annot_after_processing.csv',
	'SST, annotated by six groups: sentiment of a sentence',
	'2be75b22c59950814aa7efc023ebe8e47070f93b14e64a8abcad1b38879a5d3d',
);

export const dynaSent = sentiment(
	'dynasent',
	'dynasent_annot_after_processing.csv',
	'DynaSent, annotated by six groups: sentiment of a sentence',
	'd7044d155347caff7b28d48c92778d5cca5f2c83e72cd4b72768127871b50661',
);

function sentiment(id: string, name: string, title: string, hash: string): PublishedDataset {
	return {
		id,
		title,
		task: 'sentiment',
		...common(name),
		fetchFrom: { kind: 'addresses', addresses: repository({ [name]: hash }) },
		read: async (path, split) => {
			splitNamed(id, split, SPLITS);
			const file = fileIn(path, [name, `data/all/${name}`]);
			const { judgements, badRows } = await judgementsIn(file, SENTIMENTS);
			return examplesOf(file, judgements, badRows, ({ text }) => segmentOf('sentence', text));
		},
	};
}

const COS_E = 'cose_annot_after_processing.csv';

/** The file has the questions; the answers to choose from are those of ERASER's CoS-E. */
export const cosEAnnotations: PublishedDataset = {
	id: 'cos-e-annotations',
	title: 'CoS-E, annotated by six groups: question with five answers',
	task: 'cos-e',
	...common(`${COS_E}, and ERASER's train.jsonl, val.jsonl, test.jsonl and docs/ of CoS-E`),
	fetchFrom: {
		kind: 'addresses',
		addresses: [
			...repository({ [COS_E]: '3e2d23bdf657ce0922fe4da2d483ffb7de21320a5bcb034fd9209b5b81eb8e20' }),
			...eraserAddresses('cos-e'),
		],
	},
	read: async (path, split) => {
		splitNamed('cos-e-annotations', split, SPLITS);
		const file = fileIn(path, [COS_E]);
		const { judgements, badRows } = await judgementsIn(file, ['A', 'B', 'C', 'D', 'E']);
		// One message for the missing file, not one for every row.
		const questions = await eraserQuestions(statSync(path).isDirectory() ? path : dirname(path));
		const found = collect(file, judgements, (judgement) => {
			const question = questions.get(judgement.id);
			if (question === undefined) throw new RowProblem('text', `question "${judgement.id}" is not in ERASER's CoS-E`);
			return judgement;
		});
		const problems = [...badRows, ...found.badRows];
		const reading = examplesOf(file, found.values, problems, ({ text }) => segmentOf('question', text));
		const examples = reading.examples.map((example) => ({
			...example,
			segments: [...example.segments, ...(questions.get(example.id)?.segments.slice(1) ?? [])],
			unjudged: [1],
		}));
		return { ...reading, examples };
	},
};

/** Files at the last commit of their authors' repository; hashes of the files there. */
function repository(files: Readonly<Record<string, string>>): Address[] {
	const commit = 'bbdc49a9d61b54c9948f6fd8c036be4df6f091f1';
	const folder = `https://raw.githubusercontent.com/terne/Being_Right_for_Whose_Right_Reasons/${commit}/data/all`;
	return filesAt(folder, files);
}

function common(files: string): Pick<PublishedDataset, 'splits' | 'files' | 'source' | 'licence'> {
	return {
		splits: SPLITS,
		files,
		source: 'github.com/terne/Being_Right_for_Whose_Right_Reasons',
		licence: 'see its repository',
	};
}

async function eraserQuestions(folder: string): Promise<Map<string, Example>> {
	const splits = ['train', 'val', 'test'].filter((split) => existsSync(join(folder, `${split}.jsonl`)));
	if (splits.length === 0) {
		throw new UserError(
			`${folder}: ERASER's CoS-E is missing (train.jsonl, val.jsonl or test.jsonl, with docs/ or docs.jsonl): the answers to choose ` +
				`from stand there. Put its files beside ${COS_E}, or let "rationale pull cos-e-annotations" fetch both.`,
		);
	}
	const questions = new Map<string, Example>();
	for (const split of splits) {
		const { examples } = await readEraserTask('cos-e', folder, split);
		for (const example of examples) questions.set(example.id, example);
	}
	return questions;
}

async function judgementsIn(
	file: string,
	labels: readonly string[],
): Promise<{ judgements: readonly Judgement[]; badRows: readonly BadRow[] }> {
	const raw = await readRows(file);
	requireColumns(file, raw, COLUMNS);
	const rows = collect(file, raw.rows, (row) => judgementOf(row, labels));
	return { judgements: rows.values, badRows: [...raw.badRows, ...rows.badRows] };
}

function judgementOf({ line, cells }: RawRow, labels: readonly string[]): Judgement {
	const flags = parseJson(textIn(cells, 'rationale_binary'));
	if (!Array.isArray(flags)) throw new RowProblem('form', '"rationale_binary" is no list of 0 and 1');
	if (cells.get('attentioncheck') !== 'PASSED')
		throw new RowProblem('form', 'the annotator did not pass the attention check');
	const gold = labelIn(cells.get('original_label'), labels);
	return {
		line,
		// SST's rows have no name of their data but the number of the text.
		id: cells.has('originaldata_id') ? textIn(cells, 'originaldata_id') : textIn(cells, 'text_id'),
		text: textIn(cells, 'sentence'),
		gold,
		// Of CoS-E the label is the answer itself, its number is its place among the letters.
		label:
			labels.length === SENTIMENTS.length
				? textIn(cells, 'label')
				: (labels.find((_, i) => i + 1 === Number(cells.get('label_index'))) ?? ''),
		annotator: `${textIn(cells, 'group_id')} ${textIn(cells, 'annotator_ID')}`,
		flags,
	};
}

/**
 * Returns an example per text with the rationales of those who gave it the dataset's label: what others marked explains
 * another label, and is counted.
 */
function examplesOf(
	file: string,
	judgements: readonly Judgement[],
	before: readonly BadRow[],
	segmentOfText: (judgement: Judgement) => Segment,
): Reading {
	const texts = new Map<string, { first: Judgement; segment: Segment; annotations: Annotation[] }>();
	let others = 0;
	const read = collect(file, judgements, (judgement) => {
		const known = texts.get(judgement.id);
		const segment = known?.segment ?? segmentOfText(judgement);
		if (known !== undefined && (known.first.text !== judgement.text || known.first.gold !== judgement.gold)) {
			throw new RowProblem('id', `text or label of "${judgement.id}" differs from row ${known.first.line}`);
		}
		const annotation = flaggedAnnotation(judgement.annotator, segment.words, judgement.flags);
		if (known?.annotations.some(({ annotator }) => annotator === annotation.annotator)) {
			throw new RowProblem('id', `${annotation.annotator} annotated "${judgement.id}" before`);
		}
		const text = known ?? { first: judgement, segment, annotations: [] };
		texts.set(judgement.id, text);
		if (judgement.label === judgement.gold) text.annotations.push(annotation);
		else others++;
	});
	const examples = [...texts].map(([id, { first, segment, annotations }]) => ({
		id,
		segments: [segment],
		label: first.gold,
		annotations,
	}));
	return {
		examples,
		badRows: [...before, ...read.badRows].toSorted((a, b) => a.line - b.line),
		notes: noteOf(others, 'annotation', 'of people who give the text another label than the dataset, left out'),
	};
}
