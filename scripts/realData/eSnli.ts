/**
 * e-SNLI with character offsets of its highlighted words: `ESNLI/data/dev.json` (three annotators) and `train.json` (one) of
 * xiye17/TextualExplInContext at dacb196. They become the tables of OanaMariaCamburu/e-SNLI, marked words between asterisks.
 */
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Converter, writeCsv } from './converter.ts';

const FOLDER = 'esnli-highlights';

const marks = z.array(z.tuple([z.string(), z.number()]));

const pairs = z.array(
	z.object({
		id: z.string(),
		premise: z.string(),
		hypothesis: z.string(),
		label: z.string(),
		explanations: z.array(
			z.object({ text_explanation: z.string(), premise_expl_tokens: marks, hypothesis_expl_tokens: marks }),
		),
	}),
);

export const eSnli: Converter = {
	needs: [`${FOLDER}/dev.json`, `${FOLDER}/train.json`],
	convert: (authors, folder) => [
		table(join(authors, FOLDER, 'dev.json'), folder, 'esnli_dev.csv', 3),
		table(join(authors, FOLDER, 'train.json'), folder, 'esnli_train_1.csv', 1),
	],
};

function table(file: string, folder: string, name: string, annotators: number): string {
	const all = pairs.parse(JSON.parse(readFileSync(file, 'utf8')));
	const each = Array.from({ length: annotators }, (_, i) => i + 1);
	const marked = each.flatMap((i) => [`Explanation_${i}`, `Sentence1_marked_${i}`, `Sentence2_marked_${i}`]);
	const rows = all.map(({ id, label, premise, hypothesis, explanations }) => [
		id,
		label,
		premise,
		hypothesis,
		...explanations.flatMap((one) => [
			one.text_explanation,
			withMarks(premise, one.premise_expl_tokens),
			withMarks(hypothesis, one.hypothesis_expl_tokens),
		]),
	]);
	return writeCsv(folder, name, ['pairID', 'gold_label', 'Sentence1', 'Sentence2', ...marked], rows);
}

/** Returns a text with asterisks around its marked words. Throws an error where a word does not stand at its offset. */
function withMarks(text: string, words: readonly (readonly [string, number])[]): string {
	let out = '';
	let done = 0;
	for (const [word, start] of words.toSorted(([, a], [, b]) => a - b)) {
		if (!text.startsWith(word, start)) throw new Error(`"${word}" does not stand at ${start} of "${text}"`);
		out += `${text.slice(done, start)}*${word}*`;
		done = start + word.length;
	}
	return out + text.slice(done);
}
