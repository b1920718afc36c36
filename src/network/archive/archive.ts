/** What unpacking an archive needs of it, whatever its form. */
import { UserError } from '../../core/errors.ts';

/** Writes one file of an archive; `path` is its name there. */
export type WriteFile = (path: string, bytes: AsyncIterable<Uint8Array>) => Promise<void>;

/** What an archive may grow to. */
export interface Allowance {
	/** Throws `UserError` where so many bytes are more than is left. */
	require(bytes: number): void;
	/** Counts bytes that came out of the archive; throws `UserError` where they are more than is left. */
	take(bytes: number): void;
}

/** Returns the error of an archive that is damaged or of a form that is not read. */
export function archiveError(file: string, problem: string): UserError {
	return new UserError(`${file}: cannot be unpacked: ${problem}.`);
}

/** Data packs to a tenth or a twentieth of itself; what grows more than this is made to fill disks. */
const GREATEST_RATIO = 100;
/** Small archives of monotonous text may grow more. */
const ALWAYS_ALLOWED = 64 * 2 ** 20;

/** Returns the allowance of an archive of so many bytes where so many are free. */
export function allowanceOf(file: string, packed: number, free: number): Allowance {
	const most = Math.max(GREATEST_RATIO * packed, ALWAYS_ALLOWED);
	let taken = 0;
	const check = (bytes: number): void => {
		if (bytes > most) {
			throw archiveError(
				file,
				`it grows to more than ${mebibytes(most)}, ${GREATEST_RATIO} times its own size; no data does that`,
			);
		}
		if (bytes > free) {
			throw archiveError(
				file,
				`it grows to ${mebibytes(bytes)} or more, and ${mebibytes(free)} are free. Make room, or set RATIONALE_CACHE to a folder elsewhere`,
			);
		}
	};
	return {
		require: (bytes) => check(taken + bytes),
		take: (bytes) => {
			taken += bytes;
			check(taken);
		},
	};
}

function mebibytes(bytes: number): string {
	return `${Math.round(bytes / 2 ** 20)} MiB`;
}
