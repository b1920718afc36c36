/** What a study needs that is not on this machine. */
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { isHubId } from '../../network/hub/hubId.ts';
import { type Source, sourceText } from '../../network/sources/source.ts';
import { type ConfigChanges, loadConfig } from '../config/studyFile.ts';
import { pullName, sourceOfEntry } from '../config/datasetEntry.ts';

/** Where data can be fetched, by what `rationale pull` calls it. */
export interface NamedSource {
	readonly name: string;
	readonly source: Source;
}

export interface StudyDownloads {
	/** Hub ids of its models, those in the cache included. */
	readonly models: readonly string[];
	/** Of its datasets whose files are not here. */
	readonly sources: readonly NamedSource[];
}

/** Returns what `rationale pull` fetches for a study. Throws as `loadConfig` does. */
export async function downloadsOf(path: string, changes: ConfigChanges): Promise<StudyDownloads> {
	const { models, datasets } = await loadConfig(path, changes);
	const names = models
		.filter((model) => model.path === null && model.api === undefined)
		.map(({ id, hub }) => hub ?? id)
		.filter((name) => isHubId(name) && !existsSync(name));
	const absent = datasets
		.filter(({ file, path: own }) => !isAbsolute(file?.path ?? own ?? ''))
		.flatMap((entry): NamedSource[] => {
			const source = sourceOfEntry(entry);
			return source === null ? [] : [{ name: pullName(entry), source }];
		});
	const different = new Map(absent.map((named) => [sourceText(named.source), named]));
	return { models: [...new Set(names)], sources: [...different.values()] };
}
