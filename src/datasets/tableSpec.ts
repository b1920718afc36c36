/** How the columns of one's own file map to examples. */
import { z } from 'zod';
import { UserError } from '../core/errors.ts';
import { wordRules } from '../core/words.ts';

/**
 * How a cell tells which words are marked:
 * - `binary_words`: a 0 or 1 per whitespace-separated word, `[0, 0, 1]` or `0 0 1`;
 * - `word_indices`: numbers of such words, from 0, `[4, 5]` or `4,5` or `{}`;
 * - `marked_spans`: a copy of the text with the marked parts between asterisks;
 * - `char_spans`: JSON, `[[0, 4], [10, 12]]`, half-open ranges of characters.
 */
export const RATIONALE_FORMS = ['binary_words', 'word_indices', 'marked_spans', 'char_spans'] as const;

export type RationaleForm = (typeof RATIONALE_FORMS)[number];

/** Returns whether a form tells words by their numbers: these are words between white space. */
export function countsWords(form: RationaleForm): boolean {
	return form === 'binary_words' || form === 'word_indices';
}

const column = z.string().min(1);

const rationaleSchema = z.strictObject({
	column,
	form: z.enum(RATIONALE_FORMS),
	/** The segment it is about; may be left out where there is only one. */
	segment: z.string().optional(),
	/** Name of the annotator, where a row holds several; rationales of one name form one annotation. */
	annotator: z.string().optional(),
	/** What `char_spans` count: UTF-16 code units (JavaScript, Java) or code points (Python). */
	unit: z.enum(['code_units', 'code_points']).default('code_units'),
});

export const tableSchema = z
	.strictObject({
		/** `.csv`, `.tsv`, `.jsonl`, `.ndjson` or `.parquet`. */
		path: z.string().min(1),
		/** Column of the example's name; without it, FILE-LINE. */
		id: column.optional(),
		label: column.optional(),
		/** Column of the only segment, which is then called `text`. */
		text: column.optional(),
		/** Column of each segment by the segment's name. */
		segments: z.record(z.string().min(1), column).optional(),
		rationale: z.union([rationaleSchema, z.array(rationaleSchema)]).optional(),
		/** How texts are cut into words: between white space where their script has any, or by Unicode's segmenter everywhere. */
		words: z.enum(wordRules).optional(),
		/** The labels that may occur; without it, all that do. */
		labels: z.array(z.string().min(1)).min(2).optional(),
		/** Column of the annotator's name. */
		annotator: column.optional(),
		/** Column that is equal in rows about the same text: these rows become one example with several annotations. */
		groupBy: column.optional(),
	})
	.refine(({ text, segments }) => (text === undefined) !== (segments === undefined), {
		message: 'give either "text" (one column) or "segments" (a column per segment name)',
	})
	.transform(({ text, segments, rationale, ...rest }) => ({
		...rest,
		segments: segments ?? { text: text ?? '' },
		rationales: rationale === undefined ? [] : Array.isArray(rationale) ? rationale : [rationale],
	}))
	.superRefine(({ segments, rationales, words }, context) => {
		const counting = rationales.find(({ form }) => countsWords(form));
		if (words === 'segmenter' && counting !== undefined) {
			const message = `column "${counting.column}" (form "${counting.form}") counts the words between white space; leave out "words"`;
			context.addIssue({ code: 'custom', path: ['words'], message });
		}
		const names = Object.keys(segments);
		if (names.length === 0) context.addIssue({ code: 'custom', path: ['segments'], message: 'names no segment' });
		for (const { column, segment } of rationales) {
			if (segment !== undefined ? names.includes(segment) : names.length === 1) continue;
			const found = segment === undefined ? 'names no segment' : `names segment "${segment}"`;
			const message = `column "${column}" ${found}; the segments are ${names.join(', ')}`;
			context.addIssue({ code: 'custom', path: ['rationale'], message });
		}
	});

/** What a user writes. */
export type TableInput = z.input<typeof tableSchema>;

/** A checked mapping: segments by name, rationales as a list. */
export type TableSpec = z.output<typeof tableSchema>;

export type RationaleSpec = TableSpec['rationales'][number];

/** Returns the checked mapping. Throws a `UserError` that says `where` it stood and lists all that is wrong. */
export function tableSpec(input: unknown, where: string): TableSpec {
	const result = tableSchema.safeParse(input);
	if (result.success) return result.data;
	const problems = result.error.issues.map(({ path, message }) => `  ${path.join('.') || 'table'}: ${message}`);
	throw new UserError(`${where}: the description of the table is wrong.\n${problems.join('\n')}`);
}
