import { existsSync, lstatSync, readFileSync, readlinkSync } from 'node:fs';
import type { z } from 'zod';
import { messageOf, UserError } from '../../core/errors.ts';
import { itemAt } from '../../core/present.ts';
import { duplicateKey } from './jsonKeys.ts';
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
	const text = readTextFile(file);
	const value = parseJson(file, text, schema);
	const twice = duplicateKey(text);
	if (twice === undefined) return value;
	const problem = twice === '__proto__' ? 'is none that a file of a model has' : 'stands twice in one object';
	throw new UserError(`${file}: the key ${JSON.stringify(twice)} ${problem}. Delete the wrong one.`);
}

/** Returns the value of a JSON text; `file` is where it came from. Throws `UserError` when it is broken or not of the schema. */
export function parseJson<T>(file: string, text: string, schema: z.ZodType<T>): T {
	let value: unknown;
	try {
		value = parsePythonJson(text);
	} catch (error) {
		throw new UserError(
			`${file}: is not JSON (${messageOf(error).replaceAll(/\s+/gu, ' ')}). Copy or download it again.`,
		);
	}
	const parsed = schema.safeParse(value);
	if (!parsed.success) throw new UserError(`${file}: has an unexpected form: ${issuesOf(parsed.error)}.`);
	return parsed.data;
}

/** Issues that a message lists. */
const mostIssues = 3;

function issuesOf({ issues }: z.ZodError): string {
	const told = issues.slice(0, mostIssues).map(({ path, message }) => {
		const first = itemAt(message.split('\n'), 0);
		return path.length === 0 ? first : `${path.join('.')}: ${first}`;
	});
	return [...told, ...(issues.length > mostIssues ? [`and ${issues.length - mostIssues} more`] : [])].join('; ');
}
