/**
 * SciFact's claims and abstracts with a mask of marked tokens: `csv/scifact/{train,val,test}.csv` of
 * shaggyday/evaluating-human-rationales at d2499ef. Rows that join two abstracts can have shifted marks; those listed in
 * `rows_with_suspect_spans.txt` (a split and a row number a line) are left out.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { type Converter, linesOf, writeLines } from './converter.ts';

const FOLDER = 'scifact-eraser';

const SUSPECTS = `${FOLDER}/rows_with_suspect_spans.txt`;

const rows = z.array(
	z.object({ id: z.string(), text: z.string(), query: z.string(), classification: z.string(), rationale: z.string() }),
);

export const sciFact: Converter = {
	needs: [SUSPECTS, `${FOLDER}/train.csv`, `${FOLDER}/val.csv`],
	convert: (authors, folder) => {
		const suspects = new Set(linesOf(join(authors, SUSPECTS)).map((line) => line.trim()));
		const splits = ['train', 'val', 'test'].filter((split) => existsSync(join(authors, FOLDER, `${split}.csv`)));
		return splits.map((split) => {
			const all = rows.parse(parse(readFileSync(join(authors, FOLDER, `${split}.csv`)), { columns: true }));
			const kept = all.filter(({ id }) => !suspects.has(`${split} ${id}`));
			const values = kept.map(({ id, text, query, classification, rationale }) => ({
				id: `scifact-${split}-${id}`,
				claim: query,
				abstract: text,
				label: classification,
				marked: z.array(z.number()).parse(JSON.parse(rationale)),
			}));
			return `${writeLines(folder, `${split}.jsonl`, values)}; ${all.length - kept.length} with suspect marks left out`;
		});
	},
};
