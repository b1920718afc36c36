/** What to tell the reader when the output folder cannot be written. */
import { codeOf, UserError } from '../core/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
	ENOSPC: 'the disk is full',
	EDQUOT: 'the disk quota is used up',
	EACCES: 'no permission to write there',
	EPERM: 'no permission to write there',
	EROFS: 'the file system is read-only',
	ENOTDIR: 'a part of the path is a file, not a folder',
	EEXIST: 'a part of the path is a file, not a folder',
	EISDIR: 'the path is a folder, not a file',
	ENOENT: 'nothing can be made there',
	EMFILE: 'too many files are open',
};

/**
 * Returns a `UserError` for a failed write to `path` when its cause is something the reader can mend, else the error
 * itself. `kept` is the number of records that are safe on disk.
 */
export function outputError(error: unknown, path: string, kept: number): unknown {
	const reason = REASONS[codeOf(error) ?? ''];
	if (reason === undefined) return error;
	const safe =
		kept === 0
			? 'Nothing had been computed yet.'
			: `Everything so far is kept (${kept} records); the same command continues from there.`;
	return new UserError(
		`Cannot write ${path}: ${reason} (${codeOf(error)}). ${safe} Mend this or choose another folder with --out.`,
		{ cause: error },
	);
}
