/**
 * MedicalBios' human rationales (Eberle et al. 2023): `standard_by_bio.jsonl` and `contrastive_by_bio.jsonl`, a row a
 * biography with its tokens and a mask an annotator, made from `data/rationales-biosbias` of coastalcph/humans-contrastive-xai
 * at 0e3bb6b. They become the `rationales.jsonl` of the hub's form. `biosbias.csv`, biographies without rationales, is the
 * training split; those whose rationales are known are left out of it.
 */
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { type Converter, jsonLines, writeLines } from './converter.ts';

const FOLDER = 'medicalbios-rationales';

const marked = z.object({
	text: z.string(),
	label: z.string(),
	foil: z.string().optional(),
	tokens: z.array(z.string()),
	annotators: z.record(z.string(), z.array(z.number())),
});

const biography = z.object({ text: z.string(), title: z.string() });

export const medicalBios: Converter = {
	needs: [`${FOLDER}/standard_by_bio.jsonl`, `${FOLDER}/contrastive_by_bio.jsonl`, 'biosbias.csv'],
	convert: (authors, folder) => {
		const rows = (name: string): z.infer<typeof marked>[] =>
			jsonLines(join(authors, FOLDER, name)).map((row) => marked.parse(row));
		const contrastive = new Map(rows('contrastive_by_bio.jsonl').map((row) => [row.text, row]));
		const standard = rows('standard_by_bio.jsonl');
		const rationales = standard.map((row, i) => rationaleRow(row, contrastive.get(row.text), i));
		const known = new Set(standard.map(({ text }) => text.trim()));
		const all = z.array(biography).parse(parse(readFileSync(join(authors, 'biosbias.csv')), { columns: true }));
		const train = all.filter(({ text }) => !known.has(text.trim()));
		return [
			writeLines(folder, 'rationales.jsonl', rationales),
			`${writeLines(
				folder,
				'train.jsonl',
				train.map(({ text, title }, i) => ({ id: `train-${i}`, text, label: title })),
			)}; ${all.length - train.length} are among the annotated ones`,
		];
	},
};

function rationaleRow(row: z.infer<typeof marked>, other: z.infer<typeof marked> | undefined, index: number): object {
	if (other !== undefined && JSON.stringify(other.tokens) !== JSON.stringify(row.tokens))
		throw new Error(`biography ${index} has other tokens under the contrastive question`);
	return {
		id: index,
		text: row.text,
		label: row.label,
		words: row.tokens,
		annotations: Object.values(row.annotators),
		...(other === undefined
			? {}
			: { foil: other.foil?.toLowerCase(), contrastive_annotations: Object.values(other.annotators) }),
	};
}
