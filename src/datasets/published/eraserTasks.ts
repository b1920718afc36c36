/** The datasets of ERASER (DeYoung et al. 2020): `train.jsonl`, `val.jsonl`, `test.jsonl` with `docs/` or `docs.jsonl`. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { Example, Segment } from '../../core/example.ts';
import { itemAt } from '../../core/present.ts';
import { whitespaceWords } from '../../core/words.ts';
import { type Address, filesAt } from '../../network/sources/source.ts';
import { collect, RowProblem } from '../badRows.ts';
import { readEraserRows } from '../eraser/readEraser.ts';
import {
	labelIn,
	type PublishedDataset,
	type Reading,
	type ReadRow,
	splitNamed,
	withDifferentIds,
} from './publishedDataset.ts';
import { fileIn } from './publishedDataset.ts';

const SPLITS = ['train', 'val', 'test'];

/** How one ERASER dataset differs from the others. */
interface EraserTask {
	readonly labels: readonly string[];
	/** What query and documents are called; a query that is null is the same for all and left out. */
	readonly query: string | null;
	readonly documents: readonly string[];
	/** Documents of an annotation that names none. */
	readonly documentsOf?: (annotation: string) => readonly string[];
	/** Returns the example in its final form. */
	readonly finish?: (example: Example) => Example;
}

const TASKS = {
	movies: { labels: ['NEG', 'POS'], query: null, documents: ['review'] },
	boolq: { labels: ['False', 'True'], query: 'question', documents: ['passage'] },
	multirc: { labels: ['False', 'True'], query: 'question', documents: ['passage'] },
	'evidence-inference': {
		labels: ['significantly decreased', 'no significant difference', 'significantly increased'],
		query: 'question',
		documents: ['article'],
	},
	'cos-e': {
		labels: ['A', 'B', 'C', 'D', 'E'],
		query: 'answers',
		documents: ['question'],
		documentsOf: (annotation) => [annotation],
		finish: withChoices,
	},
	fever: { labels: ['SUPPORTS', 'REFUTES'], query: 'claim', documents: ['evidence'] },
	'e-snli': {
		labels: ['entailment', 'neutral', 'contradiction'],
		query: null,
		documents: ['premise', 'hypothesis'],
		documentsOf: (annotation) => [`${annotation}_premise`, `${annotation}_hypothesis`],
		finish: (example) => (example.label === 'neutral' ? { ...example, unjudged: [0] } : example),
	},
} as const satisfies Readonly<Record<string, EraserTask>>;

export type EraserTaskId = keyof typeof TASKS;

/** Returns the examples of a split of an ERASER dataset; `path` is its folder or one of its `.jsonl` files. */
export async function readEraserTask(id: EraserTaskId, path: string, split: string): Promise<Reading> {
	const task: EraserTask = TASKS[id];
	const isFile = existsSync(path) && !statSync(path).isDirectory();
	const name = isFile ? basename(path, extname(path)) : splitNamed(id, split, SPLITS);
	const file = fileIn(path, [`${name}.jsonl`]);
	const read = await readEraserRows(file, isFile ? dirname(path) : path, task.documentsOf);
	const rows = collect(file, read.values, (row): ReadRow => ({ ...row, example: exampleOf(task, row.example) }));
	const different = withDifferentIds(file, rows.values);
	const without = different.values.filter(({ example }) => example.annotations.length === 0).length;
	return {
		examples: different.values.map(({ example }) => example),
		badRows: [...read.badRows, ...rows.badRows, ...different.badRows],
		notes: without === 0 ? [] : [`${without} of ${different.values.length} texts have no evidence: no human rationale`],
	};
}

function exampleOf(task: EraserTask, example: Example): Example {
	const label = labelIn(lettered(task, example), task.labels);
	const dropped = task.query === null && example.segments[0]?.name === 'query' ? 1 : 0;
	const segments = example.segments
		.slice(dropped)
		.map((segment): Segment => ({ ...segment, name: nameOf(task, segment) }));
	const names = segments.map(({ name }) => name);
	const expected = [...(task.query === null ? [] : [task.query]), ...task.documents];
	const missing = expected.find((name) => !names.includes(name));
	if (missing !== undefined) throw new RowProblem('text', `there is no ${missing}`);
	const strange = names.find((name) => !expected.includes(name));
	if (strange !== undefined) throw new RowProblem('form', `has more documents than expected: ${strange}`);
	const annotations = example.annotations.map(({ annotator, spans }) => ({
		annotator,
		spans: spans.map(({ segment, span }) => ({ segment: segment - dropped, span })),
	}));
	return task.finish?.({ ...example, label, segments, annotations }) ?? { ...example, label, segments, annotations };
}

function nameOf({ query, documents }: EraserTask, { name }: Segment): string {
	if (name === 'query') return query ?? name;
	const number = name === 'document' ? 0 : Number(name.split(' ')[1]) - 1;
	return documents[number] ?? name;
}

const SEPARATOR = ' [sep] ';

/** CoS-E's label is a letter, or the answer itself. */
function lettered({ labels, finish }: EraserTask, { label, segments }: Example): string | null {
	if (finish !== withChoices || label === null || labels.includes(label)) return label;
	const answers = itemAt(segments, 0)
		.text.split(SEPARATOR)
		.map((answer) => answer.trim());
	return labels[answers.indexOf(label.trim())] ?? label;
}

/** The five answers of a question, which ERASER joins by `[sep]`, get their letters; the question stands first. */
function withChoices(example: Example): Example {
	const [query, question] = example.segments;
	const answers = query?.text.split(SEPARATOR) ?? [];
	if (query === undefined || question === undefined || answers.length !== TASKS['cos-e'].labels.length) {
		throw new RowProblem('form', `has ${answers.length} answers; a question has ${TASKS['cos-e'].labels.length}`);
	}
	const text = answers.map((answer, i) => `${TASKS['cos-e'].labels[i]}: ${answer.trim()}`).join('\n');
	const words = whitespaceWords(text);
	const annotations = example.annotations.map(({ annotator, spans }) => ({
		annotator,
		spans: spans.map(({ segment, span }) => ({ segment: segment === 1 ? 0 : 1, span })),
	}));
	return { ...example, segments: [question, { name: 'answers', text, words }], annotations, unjudged: [1] };
}

/** The archive of each dataset. Hashes: the catalogues of TensorFlow Datasets and of Hugging Face's datasets 2.x, which agree. */
const ARCHIVES: Readonly<Record<EraserTaskId, Readonly<Record<string, string | null>>>> = {
	movies: { 'movies.tar.gz': '66e18d4e6c9df9e9f5544572b0bfe92a39673f74ecbfc3859b46cedb2f5b2dee' },
	multirc: { 'multirc.tar.gz': '7d3364fad630d0949b40cc5c4b9fd7fac0ec9ebb3a31ffa92a491e3883edd826' },
	boolq: { 'boolq.tar.gz': null },
	'evidence-inference': { 'evidence_inference.tar.gz': null },
	'cos-e': { 'cose.tar.gz': null },
	fever: { 'fever.tar.gz': null },
	'e-snli': { 'esnli.tar.gz': null },
};

/** Returns where ERASER keeps a dataset. */
export function eraserAddresses(task: EraserTaskId): Address[] {
	return filesAt('https://www.eraserbenchmark.com/zipped', ARCHIVES[task]);
}

type Head = Omit<PublishedDataset, 'files' | 'splits' | 'read' | 'source' | 'licence' | 'fetchFrom'>;

/** Returns the dataset of an ERASER folder. */
export function eraserDataset(task: EraserTaskId, head: Head): PublishedDataset {
	return {
		...head,
		splits: SPLITS,
		files: 'train.jsonl, val.jsonl, test.jsonl, and docs/ or docs.jsonl',
		source: 'eraserbenchmark.com',
		licence: 'see the benchmark',
		fetchFrom: { kind: 'addresses', addresses: eraserAddresses(task) },
		read: (path, split) => readEraserTask(task, path, split),
	};
}

/** Returns true for a folder, or a file of a folder, with ERASER's documents. */
export function isEraserFolder(path: string): boolean {
	if (!existsSync(path)) return false;
	const folder = statSync(path).isDirectory() ? path : dirname(path);
	return existsSync(join(folder, 'docs')) || existsSync(join(folder, 'docs.jsonl'));
}
