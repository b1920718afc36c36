/** Names of models on the hub: `org/name`, or `org/name@revision`. */
import { UserError } from '../../core/errors.ts';

export interface HubId {
	/** `org/name`. */
	readonly repository: string;
	/** Branch, tag or commit. */
	readonly revision: string;
}

const pattern = /^(?<repository>[\w.-]{1,96}\/[\w.-]{1,96})(?:@(?<revision>[\w./-]{1,200}))?$/u;

/** Returns true for a text that has the form of a hub id; a path does not (`./a`, `/a`, `a/b/c`). */
export function isHubId(text: string): boolean {
	const { repository = '', revision = '' } = pattern.exec(text)?.groups ?? {};
	const parts = [...repository.split('/'), ...revision.split('/')];
	return repository !== '' && parts.every((part) => !/^\.+$/u.test(part)) && !revision.startsWith('/');
}

/** Returns the parts of a hub id; the revision is `main` where none is named. Throws `UserError` for any other text. */
export function parseHubId(text: string): HubId {
	const groups = isHubId(text) ? pattern.exec(text)?.groups : undefined;
	if (groups === undefined) {
		throw new UserError(
			`"${text}" is no model of the hub. Give org/name or org/name@revision, for example Qwen/Qwen3-0.6B.`,
		);
	}
	return { repository: groups['repository'] ?? '', revision: groups['revision'] ?? 'main' };
}
