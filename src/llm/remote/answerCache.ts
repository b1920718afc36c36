/** Answers of servers in files named by the hash of what was asked: the same request is never paid for twice. */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeWhole } from '../../files/atomicWrite.ts';
import { canonicalJson } from '../../core/ids.ts';
import { messageOf, UserError } from '../../core/errors.ts';

export interface AnswerCache {
	/** Returns what was answered to a request, undefined where it was never asked or the file is broken. */
	get(request: unknown): Promise<unknown>;
	/** Throws `UserError` when it cannot be written. */
	set(request: unknown, answer: unknown): Promise<void>;
}

/** Returns the cache of a folder, which is made when something is kept. */
export function answerCache(folder: string): AnswerCache {
	const fileOf = (request: unknown): string => {
		const hash = createHash('sha256').update(canonicalJson(request)).digest('hex');
		return join(folder, hash.slice(0, 2), `${hash}.json`);
	};
	return {
		get: async (request) => {
			const text = await readFile(fileOf(request), 'utf8').catch(() => null);
			return text === null ? undefined : answerIn(text);
		},
		set: async (request, answer) => {
			const file = fileOf(request);
			try {
				await mkdir(dirname(file), { recursive: true });
				await writeWhole(file, JSON.stringify({ request, answer }));
			} catch (error) {
				throw new UserError(
					`${file}: cannot be written (${messageOf(error)}). Answers are kept there so that none is paid for twice.`,
				);
			}
		},
	};
}

function answerIn(text: string): unknown {
	try {
		return (JSON.parse(text) as { answer?: unknown }).answer;
	} catch {
		return undefined;
	}
}
