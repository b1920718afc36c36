/** The published datasets. Adding one = its file, its test and fixture, one line here. */
import { unknownName } from '../../core/errors.ts';
import { eraserDataset } from './eraserTasks.ts';
import { eSnli } from './eSnli.ts';
import { cosEAnnotations, dynaSent, sst } from './fairRationales.ts';
import { fever } from './fever.ts';
import { hateXplain } from './hateXplain.ts';
import { medicalBios, medicalBiosContrastive } from './medicalBios.ts';
import type { PublishedDataset } from './publishedDataset.ts';

export const PUBLISHED_DATASETS = {
	'e-snli': eSnli,
	'e-snli-eraser': eraserDataset('e-snli', {
		id: 'e-snli-eraser',
		task: 'e-snli',
		title: "e-SNLI, ERASER's form: premise and hypothesis",
	}),
	fever,
	'medical-bios': medicalBios,
	'medical-bios-contrastive': medicalBiosContrastive,
	movies: eraserDataset('movies', { id: 'movies', task: 'movies', title: 'Movie reviews: sentiment' }),
	boolq: eraserDataset('boolq', { id: 'boolq', task: 'boolq', title: 'BoolQ: yes or no, by a passage' }),
	multirc: eraserDataset('multirc', { id: 'multirc', task: 'multirc', title: 'MultiRC: is the answer right' }),
	'evidence-inference': eraserDataset('evidence-inference', {
		id: 'evidence-inference',
		task: 'evidence-inference',
		title: 'Evidence Inference: effect of a treatment',
	}),
	'cos-e': eraserDataset('cos-e', { id: 'cos-e', task: 'cos-e', title: 'CoS-E: question with five answers' }),
	'cos-e-annotations': cosEAnnotations,
	hatexplain: hateXplain,
	sst,
	dynasent: dynaSent,
} as const satisfies Readonly<Record<string, PublishedDataset>>;

export type PublishedId = keyof typeof PUBLISHED_DATASETS;

export const PUBLISHED_IDS = Object.keys(PUBLISHED_DATASETS) as [PublishedId, ...PublishedId[]];

/** Returns the published dataset of this id. Throws a `UserError` that lists all and says `where` the name stood. */
export function publishedNamed(id: string, where: string): PublishedDataset {
	const found = Object.values<PublishedDataset>(PUBLISHED_DATASETS).find((dataset) => dataset.id === id);
	if (found === undefined) throw unknownName(where, 'published dataset', id, PUBLISHED_IDS);
	return found;
}
