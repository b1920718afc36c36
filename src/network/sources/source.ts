/** Where data can be fetched from, and where it lies once it is fetched. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UserError } from '../../core/errors.ts';
import { itemAt } from '../../core/present.ts';
import { cachedCommit, cachedSnapshot } from '../hub/hubCache.ts';
import { type HubId, isHubDataset, parseHubId, urlPath } from '../hub/hubId.ts';

/** A file on the web. */
export interface Address {
	readonly url: string;
	/** Of its bytes, as others have published it; null where nobody has: then what comes first is what is expected later. */
	readonly sha256: string | null;
}

/** A dataset of the hub, or files on the web that belong together. */
export type Source =
	| { readonly kind: 'hub'; readonly id: HubId }
	| { readonly kind: 'addresses'; readonly addresses: readonly Address[] };

export interface CacheFolders {
	/** That of all Hugging Face programs. */
	readonly hub: string;
	/** Ours: files from other addresses, and what was unpacked. */
	readonly downloads: string;
}

/** Written last, into a folder of downloads: it is complete, and these are its files. */
export const MANIFEST = 'sources.json';

/** Returns true for `datasets/org/name` and for addresses on the web. */
export function isSource(text: string): boolean {
	return isHubDataset(text) || isAddress(text);
}

/** Returns the addresses of files in one folder of the web, by name with their SHA-256 or null. */
export function filesAt(folder: string, files: Readonly<Record<string, string | null>>): Address[] {
	return Object.entries(files).map(([name, sha256]) => ({ url: `${folder}/${name}`, sha256 }));
}

/** Returns the source that texts name: one dataset of the hub, or addresses. Throws `UserError` for anything else. */
export function sourceOf(texts: readonly string[]): Source {
	const [first = ''] = texts;
	if (texts.length === 1 && isHubDataset(first)) return { kind: 'hub', id: parseHubId(first) };
	requireDifferentNames(texts.filter(isAddress));
	const strange = texts.find((text) => !isAddress(text)) ?? (texts.length === 0 ? '' : null);
	if (strange === null) return { kind: 'addresses', addresses: texts.map((url) => ({ url, sha256: null })) };
	throw new UserError(
		`"${strange}" is nothing to fetch data from. Give datasets/org/name or datasets/org/name@revision, or addresses ` +
			'that begin with https://.',
	);
}

/** Returns what `rationale pull` takes to fetch the source. */
export function sourceText(source: Source): string {
	if (source.kind === 'addresses') return source.addresses.map(({ url }) => url).join(' ');
	const { id } = source;
	return `${urlPath(id)}${id.revision === 'main' ? '' : `@${id.revision}`}`;
}

/** Returns the folder with the data, undefined where it has not been fetched. */
export function fetchedFolder(source: Source, folders: CacheFolders): string | undefined {
	const own = downloadFolder(source, folders);
	if (own !== undefined && existsSync(join(own, MANIFEST))) return filesFolder(own);
	return source.kind === 'hub' ? cachedSnapshot(folders.hub, source.id) : undefined;
}

/** Returns our folder for a source; undefined for a dataset of the hub whose commit is not known yet. */
export function downloadFolder(source: Source, { hub, downloads }: CacheFolders): string | undefined {
	if (source.kind === 'addresses') {
		const urls = source.addresses.map(({ url }) => url);
		const hash = createHash('sha256').update(urls.join('\n')).digest('hex');
		return join(downloads, `${fileName(itemAt(urls, 0)).replace(/\..*$/u, '')}-${hash.slice(0, 12)}`);
	}
	const commit = cachedCommit(hub, source.id);
	if (commit === undefined) return undefined;
	return join(downloads, `${source.id.repository.replaceAll('/', '--')}-${commit.slice(0, 12)}`);
}

/** Returns the folder within ours that holds the data, unpacked. */
export function filesFolder(folder: string): string {
	return join(folder, 'files');
}

/** Returns the name that an address gives its file. Throws `UserError` for an address without one. */
export function fileName(url: string): string {
	const name = basename(decodeURIComponent(new URL(url).pathname));
	if (/^[\w.-]+$/u.test(name) && !name.startsWith('.')) return name;
	throw new UserError(`${url}: does not end with the name of a file.`);
}

function requireDifferentNames(urls: readonly string[]): void {
	const names = urls.map(fileName);
	const twice = names.find((name, i) => names.indexOf(name) !== i);
	if (twice === undefined) return;
	throw new UserError(`${urls.join(', ')}: two files are called "${twice}"; they would lie in one folder.`);
}

function isAddress(text: string): boolean {
	if (!/^https?:\/\//iu.test(text) || !URL.canParse(text)) return false;
	const { username, password } = new URL(text);
	// An address is written into files and messages.
	return username === '' && password === '';
}
