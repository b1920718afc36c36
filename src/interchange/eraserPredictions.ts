/** ERASER's prediction files (DeYoung et al. 2020): rationales and answers by any tool, with the folder they are about. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { UserError } from '../core/errors.ts';
import { itemAt } from '../core/present.ts';
import { badRowsError, collect, RowProblem } from '../datasets/badRows.ts';
import { type EraserDocuments, eraserDocuments } from '../datasets/eraser/documents.ts';
import { readRows } from '../datasets/rawRows.ts';
import type { WordRange } from '../evaluation/alignment/spans.ts';
import type { Distribution, EraserThreshold } from '../evaluation/faithfulness/eraserClassification.ts';

/** One document of one annotation, with what is annotated and predicted there. */
export interface PredictedDocument {
	readonly docid: string;
	/** Number of tokens. */
	readonly length: number;
	/** Evidence of all groups, as given. */
	readonly gold: readonly WordRange[];
	/** Null where the predictions do not name the document or have no hard rationale there. */
	readonly hard: readonly WordRange[] | null;
	/** One per token. */
	readonly soft: readonly number[] | null;
}

/** The answers of one line; null where it does not have them. */
export interface PredictedAnswers {
	readonly classification: string | null;
	readonly full: Distribution | null;
	/** Without the rationale. */
	readonly without: Distribution | null;
	/** With only the rationale. */
	readonly only: Distribution | null;
	readonly thresholds: readonly EraserThreshold[] | null;
}

/** One annotation with its line of predictions. */
export interface PredictedAnnotation {
	readonly id: string;
	readonly gold: string;
	readonly documents: readonly PredictedDocument[];
	/** Null where the predictions leave the annotation out. */
	readonly answers: PredictedAnswers | null;
}

export interface EraserPredictions {
	/** In the order of the split. */
	readonly annotations: readonly PredictedAnnotation[];
	readonly split: string;
	/** What the first rationale of the first line holds: ERASER's scorer looks only there for what the file holds. */
	readonly leads: { readonly hard: boolean; readonly soft: boolean };
}

const token = z.int().min(0);
const hardSpan = z.object({ start_token: token, end_token: token });
const evidence = hardSpan.extend({ docid: z.coerce.string() });
const annotationLine = z.object({
	annotation_id: z.coerce.string(),
	classification: z.string(),
	docids: z.array(z.coerce.string()).nullish(),
	evidences: z.array(z.array(evidence)),
});
const distribution = z.record(z.string(), z.number());
const predictionLine = z.object({
	annotation_id: z.coerce.string(),
	rationales: z.array(
		z.object({
			docid: z.coerce.string(),
			hard_rationale_predictions: z.array(hardSpan).nullish(),
			soft_rationale_predictions: z.array(z.number()).nullish(),
		}),
	),
	classification: z.string().nullish(),
	classification_scores: distribution.nullish(),
	comprehensiveness_classification_scores: distribution.nullish(),
	sufficiency_classification_scores: distribution.nullish(),
	thresholded_scores: z
		.array(
			z.object({
				threshold: z.number(),
				comprehensiveness_classification_scores: distribution,
				sufficiency_classification_scores: distribution,
			}),
		)
		.nullish(),
});

type AnnotationLine = z.output<typeof annotationLine>;
type PredictionLine = z.output<typeof predictionLine>;
type Rationale = PredictionLine['rationales'][number];

/**
 * Returns the split's annotations, each with its predictions. `split` null means `test`, or the only split there is.
 * Throws a `UserError` that lists every line that cannot be used: documents that do not exist, spans outside a document
 * or over each other, numbers of scores that are not those of the tokens, an annotation twice or unknown.
 */
export async function readEraserPredictions(
	file: string,
	folder: string,
	split: string | null,
): Promise<EraserPredictions> {
	const chosen = split ?? onlySplit(folder, file);
	const documents = await eraserDocuments(folder);
	const annotations = await linesOf(join(folder, `${chosen}.jsonl`), annotationLine);
	const known = new Set(annotations.map(({ annotation_id: id }) => id));
	const seen = new Set<string>();
	const predictions = await linesOf(file, predictionLine, (line) => {
		const { annotation_id: id } = line;
		if (!known.has(id)) throw new RowProblem('id', `annotation "${id}" is not in split "${chosen}" of ${folder}`);
		if (seen.has(id)) throw new RowProblem('id', `annotation "${id}" a second time`);
		seen.add(id);
		checkRationales(line, documents);
	});
	const [first] = predictions;
	const [lead] = first?.rationales ?? [];
	const byId = new Map(predictions.map((line) => [line.annotation_id, line]));
	return {
		annotations: annotations.map((line) => predicted(line, byId.get(line.annotation_id), documents)),
		split: chosen,
		leads: {
			hard: (lead?.hard_rationale_predictions ?? []).length > 0,
			soft: lead?.soft_rationale_predictions != null,
		},
	};
}

function onlySplit(folder: string, predictions: string): string {
	if (existsSync(join(folder, 'test.jsonl'))) return 'test';
	const all = existsSync(folder) ? readdirSync(folder) : [];
	const names = all.filter((name) => resolve(folder, name) !== resolve(predictions));
	const splits = names
		.filter((name) => name.endsWith('.jsonl') && name !== 'docs.jsonl')
		.map((name) => name.slice(0, -6));
	const [only] = splits;
	if (only !== undefined && splits.length === 1) return only;
	throw new UserError(
		`${folder}: which split is meant? An ERASER folder holds test.jsonl; found ${splits.join(', ') || 'no split'}. Name it with --split.`,
	);
}

/** Returns the lines of a file. Throws a `UserError` that lists every line that does not fit or that `check` refuses. */
async function linesOf<Schema extends z.ZodType>(
	file: string,
	schema: Schema,
	check: (line: z.output<Schema>) => void = () => undefined,
): Promise<z.output<Schema>[]> {
	const { rows, badRows } = await readRows(file);
	const found = collect(file, rows, ({ cells }) => {
		const parsed = schema.safeParse(Object.fromEntries(cells));
		if (!parsed.success) {
			const { path, message } = itemAt(parsed.error.issues, 0);
			throw new RowProblem('form', `${path.join('.')}: ${message}`);
		}
		check(parsed.data);
		return parsed.data;
	});
	const problems = [...badRows, ...found.badRows].toSorted((a, b) => a.line - b.line);
	if (problems.length > 0) throw badRowsError(file, problems, 'Mend these lines.');
	return [...found.values];
}

/** ERASER's own check misses unknown documents, documents named twice and reversed spans (docs/methods.md F.2). */
function checkRationales({ rationales }: PredictionLine, documents: EraserDocuments): void {
	const seen = new Set<string>();
	for (const { docid, hard_rationale_predictions: hard, soft_rationale_predictions: soft } of rationales) {
		if (seen.has(docid)) throw new RowProblem('id', `document "${docid}" a second time`);
		seen.add(docid);
		const length = documents(docid).tokens.length;
		checkSpans(rangesOf(hard ?? []), docid, length);
		if (soft != null && soft.length !== length) {
			throw new RowProblem(
				'rationale',
				`${soft.length} soft_rationale_predictions for the ${length} tokens of document "${docid}"`,
			);
		}
	}
}

function checkSpans(spans: readonly WordRange[], docid: string, length: number): void {
	const sorted = distinct(spans).toSorted((a, b) => a.start - b.start);
	let before = 0;
	for (const { start, end } of sorted) {
		const where = `hard_rationale_predictions: [${start}, ${end}) of document "${docid}"`;
		if (!(start < end && end <= length)) throw new RowProblem('rationale', `${where}, which has ${length} tokens`);
		if (start < before) throw new RowProblem('rationale', `${where} overlaps another span`);
		before = end;
	}
}

function distinct(spans: readonly WordRange[]): WordRange[] {
	return [...new Map(spans.map((span) => [`${span.start}-${span.end}`, span])).values()];
}

function predicted(
	line: AnnotationLine,
	prediction: PredictionLine | undefined,
	documents: EraserDocuments,
): PredictedAnnotation {
	const { annotation_id: id, classification, docids, evidences } = line;
	const groups = evidences.flat();
	const rationales = prediction?.rationales ?? [];
	const named = [...(docids ?? []), ...groups.map(({ docid }) => docid), ...rationales.map(({ docid }) => docid)];
	return {
		id,
		gold: classification,
		documents: [...new Set(named)].map((docid) => {
			const { length } = documents(docid).tokens;
			const gold = rangesOf(groups.filter((item) => item.docid === docid));
			requireInside(gold, { id, docid, length });
			return {
				docid,
				length,
				gold,
				...rationaleOf(rationales.find((rationale) => rationale.docid === docid)),
			};
		}),
		answers: prediction === undefined ? null : answersOf(prediction),
	};
}

function requireInside(
	gold: readonly WordRange[],
	{ id, docid, length }: { readonly id: string; readonly docid: string; readonly length: number },
): void {
	const strange = gold.find(({ start, end }) => !(start < end && end <= length));
	if (strange === undefined) return;
	throw new UserError(
		`annotation "${id}": evidence [${strange.start}, ${strange.end}) of document "${docid}", which has ${length} tokens.`,
	);
}

function rationaleOf(rationale: Rationale | undefined): Pick<PredictedDocument, 'hard' | 'soft'> {
	const hard = rationale?.hard_rationale_predictions ?? null;
	return { hard: hard && rangesOf(hard), soft: rationale?.soft_rationale_predictions ?? null };
}

function answersOf(line: PredictionLine): PredictedAnswers {
	return {
		classification: line.classification ?? null,
		full: line.classification_scores ?? null,
		without: line.comprehensiveness_classification_scores ?? null,
		only: line.sufficiency_classification_scores ?? null,
		thresholds:
			line.thresholded_scores?.map((scores) => ({
				threshold: scores.threshold,
				without: scores.comprehensiveness_classification_scores,
				only: scores.sufficiency_classification_scores,
			})) ?? null,
	};
}

function rangesOf(spans: readonly { readonly start_token: number; readonly end_token: number }[]): WordRange[] {
	return spans.map(({ start_token: start, end_token: end }) => ({ start, end }));
}
