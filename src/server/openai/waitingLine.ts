/** Requests that wait for the model: one after the other, in the order they came, and not more than so many. */
import PQueue from 'p-queue';
import { ApiError } from './errors.ts';

export interface WaitingLine {
	/**
	 * Returns, once it is this request's turn, the function that ends the turn. Throws `ApiError` 429 where too many wait, and
	 * the signal's reason where it is aborted before the turn comes: such a request waits no longer.
	 */
	turn(signal: AbortSignal): Promise<() => void>;
}

/** Share of the newest answer in the mean time of an answer. */
const newestShare = 0.2;
/** Longest time that a refused client is told to wait, in seconds. */
const longestWait = 60;

/** Returns a line of at most `mostWaiting` requests; `now` gives milliseconds. */
export function waitingLine(mostWaiting: number, now: () => number): WaitingLine {
	const queue = new PQueue({ concurrency: 1 });
	let meanTime = 0;
	const takeTurn = async (onTurn: (end: () => void) => void): Promise<void> => {
		const started = now();
		await new Promise<void>((resolve) => onTurn(resolve));
		const took = now() - started;
		meanTime = meanTime === 0 ? took : meanTime + newestShare * (took - meanTime);
	};
	return {
		turn: (signal) => {
			if (queue.pending > 0 && queue.size >= mostWaiting) {
				const seconds = Math.ceil((meanTime * queue.size) / 1000);
				throw busy(mostWaiting, Math.min(longestWait, Math.max(1, seconds)));
			}
			return new Promise((resolve, reject) => {
				queue.add(() => takeTurn(resolve), { signal }).catch(reject);
			});
		},
	};
}

function busy(waiting: number, retryAfter: number): ApiError {
	const message = `${waiting} requests wait already. Try again in ${retryAfter} s.`;
	return new ApiError(429, message, null, 'rate_limit_exceeded', retryAfter);
}
