/** What can become of a request. */
import { messageOf } from '../core/errors.ts';

/** What is known of a request that failed. */
interface Failure {
	readonly headers?: Headers;
	/** The beginning of the answer. */
	readonly body?: string;
	/** False where the server was never reached. */
	readonly isReached?: boolean;
	/** True where another try would end in the same way. */
	readonly isFinal?: boolean;
}

/** A request that failed: the server's status and text, or null and why there was no answer. */
export class HttpError extends Error {
	override readonly name = 'HttpError';
	readonly status: number | null;
	readonly headers: Headers;
	/** The beginning of the answer. */
	readonly body: string;
	/** False where the server was never reached. */
	readonly isReached: boolean;
	readonly #isFinal: boolean;

	constructor(message: string, status: number | null, failure: Failure = {}) {
		super(message);
		const { headers = new Headers(), body = '', isReached = true, isFinal = false } = failure;
		this.status = status;
		this.headers = headers;
		this.body = body;
		this.isReached = isReached;
		this.#isFinal = isFinal;
	}

	/** True where the server may have done what it was asked, and only its answer is lost. */
	get mayBeDone(): boolean {
		return this.status === null ? this.isReached : lostStatuses.has(this.status);
	}

	/** True where the same request may succeed later. */
	get isTransient(): boolean {
		if (this.#isFinal) return false;
		return this.status === null || this.status >= 500 || transientStatuses.has(this.status);
	}

	/** Milliseconds that the server asks to wait, null where it does not. */
	get retryAfter(): number | null {
		const exact = Number(this.headers.get('retry-after-ms') ?? Number.NaN);
		if (Number.isFinite(exact)) return Math.max(0, exact);
		const text = this.headers.get('retry-after');
		if (text === null) return null;
		const wait = /^\d+(\.\d+)?$/u.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
		return Number.isFinite(wait) ? Math.max(0, wait) : null;
	}
}

const transientStatuses: ReadonlySet<number> = new Set([408, 409, 425, 429]);
/** Those of servers in between, which did not wait for the answer. */
const lostStatuses: ReadonlySet<number> = new Set([408, 502, 504, 524]);

/** `fetch failed` says nothing; its cause does. */
export function causeOf(error: unknown): string {
	const cause = error instanceof Error ? error.cause : undefined;
	if (!(cause instanceof Error)) return messageOf(error);
	return cause.message === '' ? ((cause as NodeJS.ErrnoException).code ?? messageOf(error)) : cause.message;
}
