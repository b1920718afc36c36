/** Where labelled examples beside those that are classified come from: few-shot examples, and those to learn from. */
import { z } from 'zod';
import { tableSchema } from '../../datasets/tableSpec.ts';

const named = z.string().min(1, 'must not be empty');
const count = z.int('expected a whole number').min(1, 'must be at least 1');

/** The name of a split, or `{ split }`, `{ file }`: a path of the dataset's own form, or any table with its columns. */
const sourceSchema = z.preprocess(
	(value) => (typeof value === 'string' ? { split: value } : value),
	z.strictObject({ split: named.optional(), file: z.union([named, tableSchema]).optional() }),
);

/** Both left out: the training split where there is one, else what is left of the dataset's own texts. */
export type ExampleSource = z.output<typeof sourceSchema>;

/** `{ n: 4 }`, `{ n: 4, from: train }`, `{ n: 4, from: { file: shots.csv } }`; `count` and `split` say the same. */
export const fewShotSchema = z
	.strictObject({
		n: count.optional(),
		from: sourceSchema.optional(),
		count: count.optional(),
		split: named.optional(),
	})
	.refine(({ n, count: other }) => (n === undefined) !== (other === undefined), 'give "n", the number of examples')
	.refine(({ from, split }) => from === undefined || split === undefined, 'give either "from" or "split", not both')
	.transform(({ n, count: other, from, split }) => ({
		n: n ?? other ?? 1,
		from: from ?? (split === undefined ? {} : { split }),
	}));

/** `{ limit: 100 }`, `{ from: train }`, `{ from: { file: more.csv } }`; `split` and `path` say the same as `from`. */
export const trainSchema = z
	.strictObject({
		limit: count.optional(),
		from: sourceSchema.optional(),
		split: named.optional(),
		path: named.optional(),
	})
	.refine(
		({ from, split, path }) => from === undefined || (split === undefined && path === undefined),
		'give either "from" or "split" and "path", not both',
	)
	.transform(({ limit, from, split, path }) => ({
		...(limit === undefined ? {} : { limit }),
		from: from ?? { ...(split === undefined ? {} : { split }), ...(path === undefined ? {} : { file: path }) },
	}));

/** Returns the source with other paths. */
export function withPaths({ file, ...source }: ExampleSource, pathOf: (path: string) => string): ExampleSource {
	if (file === undefined) return source;
	return { ...source, file: typeof file === 'string' ? pathOf(file) : { ...file, path: pathOf(file.path) } };
}
