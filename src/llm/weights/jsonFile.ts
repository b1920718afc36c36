import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, UserError } from '../../core/errors.ts';

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
		value = JSON.parse(text);
	} catch (error) {
		throw new UserError(`${file}: is not JSON (${messageOf(error)}). Copy or download it again.`);
	}
	const parsed = schema.safeParse(value);
	if (!parsed.success) throw new UserError(`${file}: has an unexpected form.\n${z.prettifyError(parsed.error)}`);
	return parsed.data;
}
