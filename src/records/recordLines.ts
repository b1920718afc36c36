/** The lines of `records.jsonl`: one record per line, each line ended by a line feed. */
import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { UserError } from '../core/errors.ts';
import { type ReadLines, readJsonLines } from '../files/jsonLines.ts';
import type { StudyRecord } from './records.ts';
import { recordSchema } from './recordSchema.ts';

/** What a records file holds. */
export interface RecordLines extends ReadLines {
	/** By cell id, in the order of the file. */
	readonly records: Map<string, StudyRecord>;
	/** Lines that repeat an earlier record exactly. */
	readonly repeats: number;
}

/** Returns the line of a record, with its line feed. */
export function recordLine(record: StudyRecord): string {
	return `${JSON.stringify(record)}\n`;
}

/**
 * Returns the records of a file, none where there is no file; exact repeats of a record are ignored, and what came after a
 * crash takes its place.
 * @throws UserError naming `path:line` for a complete line that is no record, or differs from an earlier one of its cell;
 * the system error of a file that cannot be read.
 */
export async function readRecordLines(path: string): Promise<RecordLines> {
	const records = new Map<string, StudyRecord>();
	const firstLines = new Map<string, number>();
	let repeats = 0;
	const read = await readJsonLines(path, (text, line) => {
		const record = parseRecord(text, `${path}:${line}`);
		const earlier = records.get(record.cell);
		if (earlier === undefined || earlier.crashed) {
			records.delete(record.cell);
			records.set(record.cell, record);
			firstLines.set(record.cell, line);
		} else if (isDeepStrictEqual(earlier, record)) repeats += 1;
		else throw contradiction(path, record.cell, firstLines.get(record.cell), line);
	});
	return { ...read, records, repeats };
}

function parseRecord(text: string, where: string): StudyRecord {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		throw notARecord(where, text);
	}
	const checked = recordSchema.safeParse(value);
	if (!checked.success) throw notARecord(where, text, checked.error.issues[0]);
	// The schema names what readers rely on; the line itself is what was written.
	return value as StudyRecord;
}

function notARecord(where: string, text: string, issue?: z.core.$ZodIssue): UserError {
	const reason =
		issue === undefined ? '' : ` (${[issue.path.join('.'), issue.message].filter((part) => part !== '').join(': ')})`;
	return new UserError(
		`${where}: not a record of this program${reason}, got ${JSON.stringify(text.slice(0, 60))}. ` +
			'The file was changed by something else: delete this line and run again (it is computed anew), or use a new --out folder.',
	);
}

function contradiction(path: string, cell: string, first: number | undefined, second: number): UserError {
	return new UserError(
		`${path}:${second}: cell ${cell} was already recorded in line ${first}, with another content. ` +
			'Delete the line you do not trust and run again, or use a new --out folder.',
	);
}
