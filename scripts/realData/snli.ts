/**
 * SNLI's dev and test pairs as plain text, to train on: `s1`, `s2`, `labels` with `.dev` and `.test` of
 * OanaMariaCamburu/e-SNLI at 7b585a3, beside lists of the dev lines that share a premise with the pairs of `esnli-highlights`,
 * which are left out. The files have punctuation apart by spaces.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Converter, linesOf, writeLines } from './converter.ts';

const FOLDER = 'snli-plain';

const SHARED = 'dev_rows_sharing_a_premise_with_esnli-highlights_dev.txt';

export const snli: Converter = {
	needs: ['s1.dev', 's2.dev', 'labels.dev', SHARED].map((name) => `${FOLDER}/${name}`),
	convert: (authors, folder) => {
		const dev = pairsOf(join(authors, FOLDER), 'dev');
		const shared = new Set(linesOf(join(authors, FOLDER, SHARED)).map(Number));
		const kept = dev.filter((_, line) => !shared.has(line));
		const test = existsSync(join(authors, FOLDER, 's1.test')) ? pairsOf(join(authors, FOLDER), 'test') : [];
		const left = dev.length - kept.length;
		return [
			`${writeLines(folder, 'train.jsonl', [...test, ...kept])}; ${left} of dev share a premise with annotated pairs`,
		];
	},
};

function pairsOf(folder: string, split: string): object[] {
	const [premises, hypotheses, labels] = ['s1', 's2', 'labels'].map((name) =>
		linesOf(join(folder, `${name}.${split}`)),
	);
	if (premises === undefined || hypotheses?.length !== premises.length || labels?.length !== premises.length)
		throw new Error(`the files of ${split} have different numbers of lines`);
	return premises.map((premise, i) => ({
		id: `snli-${split}-${i}`,
		premise,
		hypothesis: hypotheses[i],
		label: labels[i],
	}));
}
