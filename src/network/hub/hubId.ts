/**
 * Names of repositories on the hub: models `org/name`, data sets `datasets/org/name`, both with `@revision` or without; a
 * model may be one GGUF file of its repository, `org/name:FILE.gguf`.
 */
import { UserError } from '../../core/errors.ts';
import { present } from '../../core/present.ts';

export interface HubId {
	readonly kind: 'model' | 'dataset';
	/** `org/name`. */
	readonly repository: string;
	/** Branch, tag or commit. */
	readonly revision: string;
	/** The one GGUF file that is meant; all of a model where left out. */
	readonly file?: string;
}

const pattern =
	/^(?<repository>[\w.-]{1,96}\/[\w.-]{1,96})(?:@(?<revision>[\w./-]{1,200}))?(?::(?<file>[\w.+/-]{1,200}\.gguf))?$/iu;
const datasetPrefix = 'datasets/';

/** Returns true for a text that has the form of a model's hub id; a path does not (`./a`, `/a`, `a/b/c`). */
export function isHubId(text: string): boolean {
	const { repository = '', revision = '', file = '' } = pattern.exec(text)?.groups ?? {};
	const parts = [...repository.split('/'), ...revision.split('/'), ...file.split('/')];
	return (
		repository !== '' &&
		parts.every((part) => !/^\.+$/u.test(part)) &&
		!revision.startsWith('/') &&
		!file.startsWith('/')
	);
}

/** Returns true for `datasets/org/name`, with a revision or without. */
export function isHubDataset(text: string): boolean {
	const name = text.slice(datasetPrefix.length);
	return text.startsWith(datasetPrefix) && isHubId(name) && !name.includes(':');
}

/** Returns the parts of a hub id; the revision is `main` where none is named. Throws `UserError` for any other text. */
export function parseHubId(text: string): HubId {
	const kind = isHubDataset(text) ? 'dataset' : 'model';
	const name = kind === 'dataset' ? text.slice(datasetPrefix.length) : text;
	const groups = isHubId(name) ? pattern.exec(name)?.groups : undefined;
	if (groups === undefined) {
		throw new UserError(
			`"${text}" is no repository of the hub. Give org/name or org/name@revision for a model, for example ` +
				'Qwen/Qwen3-0.6B, org/name:FILE.gguf for one GGUF file, and datasets/org/name for a dataset.',
		);
	}
	const file = groups['file'];
	const id = {
		kind,
		repository: present(groups['repository'], 'repository'),
		revision: groups['revision'] ?? 'main',
	} as const;
	return file === undefined ? id : { ...id, file };
}

/** Returns where a repository stands on the hub's pages. */
export function urlPath({ kind, repository }: HubId): string {
	return kind === 'dataset' ? `${datasetPrefix}${repository}` : repository;
}
