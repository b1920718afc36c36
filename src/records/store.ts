/**
 * The append-only `records.jsonl` of one output folder. A chunk of records is one write and one fsync; whatever a crash
 * leaves behind is a prefix of the file, whose torn last line is cut off when it is opened again.
 */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../core/errors.ts';
import { takeFolder } from '../files/takeFolder.ts';
import { removeUnfinished } from '../files/atomicWrite.ts';
import { cutTornEnd } from '../files/jsonLines.ts';
import { outputError } from '../files/outputErrors.ts';
import { readRecordLines, recordLine } from './recordLines.ts';
import type { StudyRecord } from './records.ts';

export interface RecordStore {
	/** All records on disk by cell id, in the order of the file; grows with `append`. */
	readonly records: ReadonlyMap<string, StudyRecord>;
	/** What was mended on opening, in words. */
	readonly notes: readonly string[];
	/**
	 * Adds records at the end and returns once they are on disk.
	 * @throws UserError when the disk is full or the folder is not writable; earlier records stay.
	 */
	append(records: readonly StudyRecord[]): Promise<void>;
	/** Gives the folder back; without records, neither the file nor a folder that was made for it stays. */
	close(): Promise<void>;
}

/**
 * Returns the store of an output folder, which is created when absent, and keeps other runs out of it until closed.
 * @throws UserError for a folder that cannot be written or is in use, or a file that holds something else than records.
 */
export async function openRecordStore(folder: string): Promise<RecordStore> {
	const path = join(folder, 'records.jsonl');
	const taken = await taking(folder);
	if ('error' in taken) return await readOnlyStore(folder, path, taken.error);
	const { giveBack } = taken;
	try {
		await mended(folder, 0, () => removeUnfinished(folder));
		const { records, notes } = await readRecords(path);
		const file = await mended(path, records.size, () => open(path, 'a'));
		return createStore(path, file, records, notes, giveBack);
	} catch (error) {
		await giveBack();
		throw error;
	}
}

async function taking(folder: string): Promise<{ giveBack: () => Promise<void> } | { error: unknown }> {
	try {
		return { giveBack: await takeFolder(folder) };
	} catch (error) {
		return { error };
	}
}

const readOnly = new Set(['EACCES', 'EPERM', 'EROFS']);

/** A finished study can be shown where nothing can be written; what is missing in an unfinished one cannot be added. */
async function readOnlyStore(folder: string, path: string, error: unknown): Promise<RecordStore> {
	if (!readOnly.has(codeOf(error) ?? '')) throw outputError(error, folder, 0);
	const read = await mended(path, 0, () => readRecordLines(path));
	if (read.bytes === 0) throw outputError(error, folder, 0);
	return {
		records: read.records,
		notes: [`${folder} cannot be written: what is there is shown.`],
		append: async (added) => {
			if (added.length > 0) throw outputError(error, path, read.records.size);
		},
		close: async () => undefined,
	};
}

function createStore(
	path: string,
	file: FileHandle,
	records: Map<string, StudyRecord>,
	notes: readonly string[],
	giveBack: () => Promise<void>,
): RecordStore {
	return {
		records,
		notes,
		append: async (added) => {
			if (added.length === 0) return;
			await mended(path, records.size, async () => {
				await file.appendFile(added.map(recordLine).join(''));
				await file.sync();
			});
			for (const record of added) {
				// What takes the place of another record stands at the end, as in the file.
				records.delete(record.cell);
				records.set(record.cell, record);
			}
		},
		close: async () => {
			const { size } = await file.stat();
			await file.close();
			if (size === 0) await rm(path);
			await giveBack();
		},
	};
}

/** Reads the file, cutting off a torn last line. */
async function readRecords(path: string): Promise<{ records: Map<string, StudyRecord>; notes: string[] }> {
	const read = await mended(path, 0, () => readRecordLines(path));
	const { records, repeats } = read;
	const notes: string[] = [];
	const torn = read.bytes - read.wholeBytes;
	if (torn > 0) {
		await mended(path, records.size, () => cutTornEnd(path, read));
		notes.push(`${path}: the last line was cut off in mid-write (${torn} bytes); it is computed again.`);
	}
	if (repeats > 0) notes.push(`${path}: ${repeats} lines repeat an earlier record and are ignored.`);
	return { records, notes };
}

async function mended<T>(path: string, kept: number, action: () => Promise<T>): Promise<T> {
	try {
		return await action();
	} catch (error) {
		throw outputError(error, path, kept);
	}
}
