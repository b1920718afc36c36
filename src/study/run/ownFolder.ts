/** One folder holds one study: an unrelated one is not to take its place. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { UserError } from '../../core/errors.ts';

const named = z.object({ study: z.string() });

/** Throws a `UserError` where the `study.yaml` of an output folder is that of a study with another name. */
export async function requireOwnFolder(out: string, path: string, study: string): Promise<void> {
	const held = nameIn(await readFile(join(out, 'study.yaml'), 'utf8').catch(() => ''));
	if (held === null || held === study) return;
	throw new UserError(
		`${out}: holds the study "${held}", and ${path} is the study "${study}". Take another folder with --out; or, if it is the ` +
			`same study under a new name, write in ${path}: study: ${JSON.stringify(held)}`,
	);
}

/** Returns null for a text that names no study: nobody can tell whose it is. */
function nameIn(text: string): string | null {
	try {
		return named.safeParse(parse(text)).data?.study ?? null;
	} catch {
		return null;
	}
}
