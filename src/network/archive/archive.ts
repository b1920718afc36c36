/** What unpacking an archive needs of it, whatever its form. */
import { UserError } from '../../core/errors.ts';

/** Writes one file of an archive; `path` is its name there. */
export type WriteFile = (path: string, bytes: AsyncIterable<Uint8Array>) => Promise<void>;

/** Returns the error of an archive that is damaged or of a form that is not read. */
export function archiveError(file: string, problem: string): UserError {
	return new UserError(`${file}: cannot be unpacked: ${problem}.`);
}
