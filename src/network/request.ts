/** HTTP that tries again: connections that fail and servers that are busy are asked again, later each time. */
import pRetry from 'p-retry';
import { codeOf } from '../core/errors.ts';
import { causeOf, HttpError } from './httpError.ts';
import { beginningOf, type Waiting } from './readBody.ts';

/** How long and how often to try; times in milliseconds. */
export interface RetryPolicy {
	/** Tries after the first one. */
	readonly retries: number;
	/** Wait before the second try; doubled for each one after it, with a random part. */
	readonly firstWait: number;
	readonly longestWait: number;
	/** For the first byte of an answer, and for each of the next ones. */
	readonly timeout: number;
	/** Longest wait that a server may ask for. */
	readonly longestRetryAfter: number;
}

export const defaultRetryPolicy: RetryPolicy = {
	retries: 6,
	firstWait: 500,
	longestWait: 30_000,
	timeout: 120_000,
	longestRetryAfter: 300_000,
};

/** Causes of a connection that was never made. */
const unreached = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/u;
const longestBody = 2000;

export interface RequestOptions {
	readonly retryPolicy: RetryPolicy;
	readonly signal: AbortSignal;
	/** Called for every try that failed. */
	readonly onFailure?: (error: HttpError) => void;
	/** Called before waiting for another try. */
	readonly onRetry?: (error: HttpError, wait: number) => void;
	/** Whether a failure that would be tried again is final; default: none is. */
	readonly isFinal?: (error: HttpError) => boolean;
}

/**
 * Returns what `use` makes of a successful answer (status 2xx); a failure in `use` that is an `HttpError` is tried again as
 * well. Throws the last `HttpError`, or the reason of the signal.
 */
export async function request<T>(
	url: string,
	init: () => RequestInit,
	use: (response: Response) => Promise<T>,
	{ retryPolicy, signal, onFailure, onRetry, isFinal }: RequestOptions,
): Promise<T> {
	const mayRetry = (error: Error): boolean =>
		error instanceof HttpError &&
		error.isTransient &&
		(error.retryAfter ?? 0) <= retryPolicy.longestRetryAfter &&
		isFinal?.(error) !== true;
	return await pRetry(() => attempt(url, init(), use, { timeout: retryPolicy.timeout, signal }), {
		...{ retries: retryPolicy.retries, minTimeout: retryPolicy.firstWait, maxTimeout: retryPolicy.longestWait },
		...{ randomize: true, signal },
		shouldRetry: ({ error }) => mayRetry(error),
		onFailedAttempt: async ({ error, retriesLeft }) => {
			if (!(error instanceof HttpError)) return;
			onFailure?.(error);
			if (!mayRetry(error) || retriesLeft === 0) return;
			onRetry?.(error, error.retryAfter ?? 0);
			await pause(error.retryAfter ?? 0, signal);
		},
	});
}

/** Resolves after a time, or rejects with the signal's reason. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
	signal.throwIfAborted();
	if (milliseconds <= 0) return;
	await new Promise<void>((resolve, reject) => {
		const stop = (): void => {
			clearTimeout(timer);
			reject(signal.reason);
		};
		const timer = setTimeout(() => {
			signal.removeEventListener('abort', stop);
			resolve();
		}, milliseconds);
		signal.addEventListener('abort', stop, { once: true });
	});
}

async function attempt<T>(
	url: string,
	init: RequestInit,
	use: (response: Response) => Promise<T>,
	options: Waiting,
): Promise<T> {
	const response = await answerTo(url, init, options);
	if (response.ok) return await use(response);
	const body = await beginningOf(response, longestBody, options);
	throw new HttpError(`status ${response.status}`, response.status, { headers: response.headers, body });
}

/** The timeout ends with the first byte: those who read what comes after it have their own. */
async function answerTo(url: string, init: RequestInit, { timeout, signal }: Waiting): Promise<Response> {
	const slow = new AbortController();
	const timer = setTimeout(() => slow.abort(), timeout);
	try {
		return await fetch(url, { ...init, signal: AbortSignal.any([signal, slow.signal]) });
	} catch (error) {
		signal.throwIfAborted();
		if (slow.signal.aborted) throw new HttpError(`no answer within ${timeout / 1000} s`, null);
		throw new HttpError(`no connection (${causeOf(error)})`, null, { isReached: !isUnreached(error) });
	} finally {
		clearTimeout(timer);
	}
}

function isUnreached(error: unknown): boolean {
	return error instanceof Error && unreached.test(codeOf(error.cause) ?? '');
}
