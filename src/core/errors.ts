/**
 * Errors by audience. A `UserError` is something the reader can mend (exit code 1); an `InternalError` is ours
 * (exit code 2); `InterruptedError` is a stop that was asked for (exit code 130).
 */

/** Bad input: says where, what is wrong, what was received, what is possible and what to do next. */
export class UserError extends Error {
	override readonly name = 'UserError';
}

/** An invariant of ours was broken; the message starts with `Internal:`. */
export class InternalError extends Error {
	override readonly name = 'InternalError';
	constructor(message: string, options?: ErrorOptions) {
		super(`Internal: ${message}`, options);
	}
}

/** The user asked to stop (Ctrl-C, SIGTERM). */
export class InterruptedError extends Error {
	override readonly name = 'InterruptedError';
}

/** Returns the message of anything thrown. */
export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

/** Returns a value as JSON for a message, cut after so many characters. */
export function shown(value: unknown, length = 120): string {
	const text = jsonOf(value);
	return text.length > length ? `${text.slice(0, length)}…` : text;
}

function jsonOf(value: unknown): string {
	try {
		return JSON.stringify(value, (_, part: unknown) => (isInfinite(part) ? String(part) : part)) ?? String(value);
	} catch (error) {
		if (error instanceof RangeError) return 'a value that is nested too deeply';
		throw error;
	}
}

/** JSON has no such numbers, and would write null. */
function isInfinite(value: unknown): boolean {
	return typeof value === 'number' && !Number.isFinite(value);
}

/** Returns the entry of `known` with the smallest edit distance to `name`, or undefined when none is near (distance > half its length). */
export function nearest(name: string, known: readonly string[]): string | undefined {
	let best: string | undefined;
	let bestDistance = Infinity;
	for (const candidate of known) {
		const distance = editDistance(name, candidate);
		if (distance < bestDistance) {
			best = candidate;
			bestDistance = distance;
		}
	}
	return best !== undefined && bestDistance <= Math.ceil(Math.max(name.length, 2) / 2) ? best : undefined;
}

/** Returns a `UserError` for a name that does not exist, with the nearest existing one and all that exist. */
export function unknownName(where: string, kind: string, name: string, known: readonly string[]): UserError {
	const near = nearest(name, known);
	const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
	return new UserError(`${where}: unknown ${kind} "${name}".${hint} Known: ${[...known].join(', ')}.`);
}

/** Returns the Levenshtein distance of two strings (unit costs). */
export function editDistance(a: string, b: string): number {
	let above = b.split('').map((_, j) => j + 1);
	let distance = b.length;
	for (const [i, letter] of a.split('').entries()) {
		let diagonal = i;
		distance = i + 1;
		above = above.map((up, j) => {
			const substitution = diagonal + (letter === b[j] ? 0 : 1);
			diagonal = up;
			distance = Math.min(substitution, up + 1, distance + 1);
			return distance;
		});
	}
	return distance;
}

/** Returns the system error code of anything thrown (`ENOENT`), or undefined. */
export function codeOf(error: unknown): string | undefined {
	return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
