/** A split of an ERASER folder as examples: query and documents are the segments, evidence is the annotation. */
import { join } from 'node:path';
import { z } from 'zod';
import { type Example, type Segment, segmentOf } from '../../core/example.ts';
import { itemAt } from '../../core/present.ts';
import { badRowsError, type Collected, collect, RowProblem } from '../badRows.ts';
import { readRows } from '../rawRows.ts';
import { type EraserDocuments, eraserDocuments, type EraserText } from './documents.ts';

const evidence = z.object({ docid: z.coerce.string(), start_token: z.int(), end_token: z.int() });
const annotation = z.object({
	annotation_id: z.coerce.string(),
	query: z.string().nullish(),
	classification: z.string(),
	docids: z.array(z.coerce.string()).nullish(),
	evidences: z.array(z.array(evidence)),
});

type Evidence = z.output<typeof evidence>;
type Annotation = z.output<typeof annotation>;

/**
 * Returns the examples of `folder/<split>.jsonl`. Segments are `query`, unless it is empty, then `document`, `document 2`
 * and so on; the words are ERASER's tokens. The one annotation is the union of all evidence groups, none where there is
 * no evidence. Throws a `UserError` that lists every line that cannot be used.
 */
export async function readEraser(folder: string, split: string): Promise<Example[]> {
	const file = join(folder, `${split}.jsonl`);
	const { values, badRows } = await readEraserRows(file, folder);
	if (badRows.length > 0) throw badRowsError(file, badRows, 'Mend these lines.');
	return values.map(({ example }) => example);
}

/** An annotation of an ERASER file as an example, with the line it stands in. */
export interface EraserRow {
	readonly line: number;
	readonly example: Example;
}

/** Returns the examples of one file and the lines that cannot be used; `documentsOf` names documents where a line does not. */
export async function readEraserRows(
	file: string,
	folder: string,
	documentsOf: (annotation: string) => readonly string[] = () => [],
): Promise<Collected<EraserRow>> {
	const documents = await eraserDocuments(folder);
	const { rows, badRows } = await readRows(file);
	const found = collect(file, rows, ({ line, cells }) => ({ line, example: exampleOf(documents, cells, documentsOf) }));
	return { values: found.values, badRows: [...badRows, ...found.badRows] };
}

function exampleOf(
	documents: EraserDocuments,
	cells: ReadonlyMap<string, unknown>,
	documentsOf: (annotation: string) => readonly string[],
): Example {
	const parsed = annotation.safeParse(Object.fromEntries(cells));
	if (!parsed.success) {
		const { path, message } = itemAt(parsed.error.issues, 0);
		throw new RowProblem('form', `no annotation: ${path.join('.')}: ${message}`);
	}
	const { annotation_id: id, query, classification, evidences } = parsed.data;
	const texts = docidsOf(parsed.data, documentsOf(id)).map((docid) => ({ docid, text: documents(docid) }));
	const before = query ? [segmentOf('query', query)] : [];
	const segments = [...before, ...texts.map(({ text }, i) => documentSegment(text, i))];
	const spans = evidences.flat().flatMap((item) => {
		const place = texts.findIndex(({ docid }) => docid === item.docid);
		return tokensOf(item, itemAt(texts, place).text).map((span) => ({ segment: before.length + place, span }));
	});
	const annotations = spans.length === 0 ? [] : [{ annotator: 'eraser', spans }];
	return { id, segments, label: classification, annotations };
}

/** Where no documents are named, those of the evidence are meant, or one with the annotation's own id. */
function docidsOf({ annotation_id: id, docids, evidences }: Annotation, expected: readonly string[]): string[] {
	const named = docids === null || docids === undefined || docids.length === 0 ? expected : docids;
	const all = [...new Set([...named, ...evidences.flat().map(({ docid }) => docid)])];
	return all.length === 0 ? [id] : all;
}

function documentSegment({ text, tokens }: EraserText, index: number): Segment {
	const name = index === 0 ? 'document' : `document ${index + 1}`;
	return { name, text, words: tokens.filter((token) => token !== null) };
}

function tokensOf({ docid, start_token: start, end_token: end }: Evidence, { tokens }: EraserText) {
	const { length } = tokens;
	if (!(start >= 0 && start < end && end <= length)) {
		throw new RowProblem('rationale', `evidence [${start}, ${end}) of document "${docid}", which has ${length} tokens`);
	}
	return tokens.slice(start, end).filter((token) => token !== null);
}
