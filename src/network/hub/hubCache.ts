/**
 * The cache that all Hugging Face programs share: `models--org--name/` (`datasets--org--name/`) with `refs/` (revision to commit), `blobs/` (files
 * named by their hash) and `snapshots/COMMIT/` (relative links to blobs).
 * Source: https://huggingface.co/docs/huggingface_hub/guides/manage-cache
 */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { HubId } from './hubId.ts';

const commitPattern = /^[0-9a-f]{40}$/u;

/** Returns the cache's folder by the variables of an environment, in the order of `huggingface_hub`. */
export function hubCacheFolder(environment: Readonly<Record<string, string | undefined>>): string {
	const named = (name: string): string | undefined => environment[name] || undefined;
	const home = named('HF_HOME') ?? join(named('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'huggingface');
	return named('HF_HUB_CACHE') ?? named('HUGGINGFACE_HUB_CACHE') ?? join(home, 'hub');
}

/** Returns the folder of a repository in a cache. */
export function repositoryFolder(cache: string, { kind, repository }: HubId): string {
	return join(cache, `${kind}s--${repository.replaceAll('/', '--')}`);
}

/** Returns the commit that a revision stood for when it was last fetched; undefined where the cache does not know it. */
export function cachedCommit(cache: string, id: HubId): string | undefined {
	if (commitPattern.test(id.revision)) return id.revision;
	const file = join(repositoryFolder(cache, id), 'refs', id.revision);
	const commit = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
	return commitPattern.test(commit) ? commit : undefined;
}

/** Returns the folder of a commit's files, whether it exists or not. */
export function snapshotFolder(cache: string, id: HubId, commit: string): string {
	return join(repositoryFolder(cache, id), 'snapshots', commit);
}

/** Returns the folder with the files of a repository, undefined where the cache does not hold that revision. */
export function cachedSnapshot(cache: string, id: HubId): string | undefined {
	const commit = cachedCommit(cache, id);
	if (commit === undefined) return undefined;
	const folder = snapshotFolder(cache, id, commit);
	if (id.file !== undefined) return existsSync(join(folder, id.file)) ? folder : undefined;
	// Other programs fetch single files: a model is there when its config is.
	const needed = id.kind === 'model' ? ['config.json', 'adapter_config.json'] : ['.'];
	return needed.some((name) => existsSync(join(folder, name))) ? folder : undefined;
}
