/**
 * FEVER in ERASER's form: `val.jsonl` and `test.jsonl` of princeton-nlp/rationale-robustness at 1093548
 * (`rr/base/explainable_qa/data/fever`), and the documents they cite as `docs_val.jsonl`, `docs_test.jsonl`: `docid` and `text`,
 * a sentence a line. Claims are copied as they are; the documents go into one `docs.jsonl`.
 */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Converter, jsonLines, writeLines } from './converter.ts';

const FOLDER = 'fever-eraser';

const SPLITS = ['val', 'test'];

const document = z.object({ docid: z.string(), text: z.string() });

export const fever: Converter = {
	needs: SPLITS.flatMap((split) => [`${FOLDER}/${split}.jsonl`, `${FOLDER}/docs_${split}.jsonl`]),
	convert: (authors, folder) => {
		mkdirSync(folder, { recursive: true });
		for (const split of SPLITS) copyFileSync(join(authors, FOLDER, `${split}.jsonl`), join(folder, `${split}.jsonl`));
		const all = SPLITS.flatMap((split) => jsonLines(join(authors, FOLDER, `docs_${split}.jsonl`)));
		const documents = all.map((row) => document.parse(row)).map(({ docid, text }) => ({ docid, document: text }));
		return [writeLines(folder, 'docs.jsonl', documents)];
	},
};
