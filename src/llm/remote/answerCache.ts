/**
 * Answers of servers in files named by the hash of what was asked: the same request is never paid for twice. Prompts and
 * answers are nobody else's business: the folder is open to its owner only. What another hand or a failing disk changed is
 * not believed but asked again.
 */
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from '../../files/atomicWrite.ts';
import { canonicalJson, contentId } from '../../core/ids.ts';
import { messageOf, UserError } from '../../core/errors.ts';

export interface AnswerCache {
	/** Returns what was answered to a request, undefined where it was never asked or the file is not as it was written. */
	get(request: unknown): Promise<unknown>;
	/** Throws `UserError` when it cannot be written. */
	set(request: unknown, answer: unknown): Promise<void>;
}

const onlyOwner = 0o700;

/** Returns the cache of a folder, which is made when something is kept. */
export function answerCache(folder: string): AnswerCache {
	const fileOf = (request: unknown): string => {
		const hash = createHash('sha256').update(canonicalJson(request)).digest('hex');
		return join(folder, hash.slice(0, 2), `${hash}.json`);
	};
	const makeFolder = async (file: string): Promise<void> => {
		await mkdir(dirname(file), { recursive: true, mode: onlyOwner });
		// One that was there before may be open to others.
		await chmod(folder, onlyOwner);
	};
	return {
		get: async (request) => {
			const text = await readFile(fileOf(request), 'utf8').catch(() => null);
			return text === null ? undefined : answerIn(text, request);
		},
		set: async (request, answer) => {
			const file = fileOf(request);
			try {
				await makeFolder(file);
				await writeWhole(file, JSON.stringify({ request, answer, check: checkOf(request, answer) }));
			} catch (error) {
				throw new UserError(
					`${file}: cannot be written (${messageOf(error)}). Answers are kept there so that none is paid for twice.`,
				);
			}
		},
	};
}

const fileSchema = z.object({ answer: z.unknown(), check: z.string() });

function answerIn(text: string, request: unknown): unknown {
	try {
		const { answer, check } = fileSchema.parse(JSON.parse(text));
		return check === checkOf(request, answer) ? answer : undefined;
	} catch {
		return undefined;
	}
}

function checkOf(request: unknown, answer: unknown): string {
	return contentId([request, answer]);
}
