/** The entry under which labelled examples beside those that are classified are loaded. */
import { PUBLISHED_DATASETS } from '../../datasets/published/publishedDatasets.ts';
import type { PublishedDataset } from '../../datasets/published/publishedDataset.ts';
import type { DatasetEntry } from '../config/datasetEntry.ts';
import type { ExampleSource } from '../config/exampleSource.ts';

/** Returns the entry of all examples of a source: another split or file of the same form, or a table of its own. */
export function sourceEntry(entry: DatasetEntry, { split, file }: ExampleSource): DatasetEntry {
	const { limit: _limit, fewShot: _fewShot, train: _train, ...studied } = entry;
	if (typeof file === 'object') {
		const { path: _path, from: _from, split: _split, ...rest } = studied;
		return { ...rest, format: undefined, file, task: rest.task ?? { sameAs: entry.format ?? entry.id } };
	}
	if (studied.file !== undefined) return { ...studied, file: { ...studied.file, path: file ?? studied.file.path } };
	const from = split ?? trainingSplit(entry);
	return {
		...studied,
		...(from === undefined ? {} : { split: from }),
		...(file === undefined ? {} : { path: file }),
	};
}

/** Returns the split that examples are taken from where none is named: what is studied, where there is no other one. */
function trainingSplit({ format, split }: DatasetEntry): string | undefined {
	if (format === undefined) return 'train';
	const { splits }: PublishedDataset = PUBLISHED_DATASETS[format];
	return splits.includes('train') ? 'train' : split;
}

/** Returns true where both entries mean the same texts, of which those not studied can be taken. */
export function isSameData(a: DatasetEntry, b: DatasetEntry, splits: readonly [string, string]): boolean {
	const placeOf = ({ file, path, id }: DatasetEntry): string => file?.path ?? path ?? id;
	return placeOf(a) === placeOf(b) && splits[0] === splits[1];
}
