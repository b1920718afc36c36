/**
 * DynaSent's annotations by six groups of people (Thorn Jakobsen et al. 2023): `dynasent_annot_after_processing.csv` of
 * terne/Being_Right_for_Whose_Right_Reasons, copied as it is.
 */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Converter } from './converter.ts';

const FILE = 'dynasent_annot_after_processing.csv';

export const dynaSent: Converter = {
	needs: [FILE],
	convert: (authors, folder) => {
		mkdirSync(folder, { recursive: true });
		copyFileSync(join(authors, FILE), join(folder, FILE));
		return [`${FILE}, copied`];
	},
};
