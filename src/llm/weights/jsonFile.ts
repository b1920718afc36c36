import { existsSync, lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, UserError } from '../../core/errors.ts';
import { parsePythonJson } from './pythonJson.ts';

/**
 * Returns whether a file of a model folder exists. Throws `UserError` for a link that leads nowhere: an interrupted download
 * leaves some in a hub cache.
 */
export function isThere(file: string): boolean {
	if (existsSync(file)) return true;
	const isLink = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
	if (!isLink) return false;
	throw new UserError(`${file}: is a link to ${readlinkSync(file)}, which is not there. Download the model again.`);
}

/** Returns a file's text. Throws `UserError` when it cannot be read. */
export function readTextFile(file: string): string {
	try {
		return readFileSync(file, 'utf8');
	} catch (error) {
		throw new UserError(`${file}: cannot be read (${messageOf(error)}). Is this the folder of a model?`);
	}
}

/** Returns the value of a JSON file of a model folder. Throws `UserError` when it is missing, broken or not of the schema. */
export function readJsonFile<T>(file: string, schema: z.ZodType<T>): T {
	return parseJson(file, readTextFile(file), schema);
}

/** Returns the value of a JSON text; `file` is where it came from. Throws `UserError` when it is broken or not of the schema. */
export function parseJson<T>(file: string, text: string, schema: z.ZodType<T>): T {
	let value: unknown;
	try {
		value = parsePythonJson(text);
	} catch (error) {
		throw new UserError(`${file}: is not JSON (${messageOf(error)}). Copy or download it again.`);
	}
	const parsed = schema.safeParse(value);
	if (!parsed.success) throw new UserError(`${file}: has an unexpected form.\n${z.prettifyError(parsed.error)}`);
	return parsed.data;
}
