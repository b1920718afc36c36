/** Messages between the main process and one that it started (structured clone, so typed arrays travel as they are). */
import { InternalError, messageOf, UserError } from '../../core/errors.ts';
import type { OnToken } from '../languageModel.ts';

/** One call; what stands in `method` and `arguments` is between the two ends. */
export interface Request {
	readonly id: number;
	readonly method: string;
	readonly arguments: readonly unknown[];
	/** True where the caller wants to be told of new tokens, or may leave: the call's last argument is a `GenerationWatch`. */
	readonly isWatched: boolean;
}

/** The caller of this request waits no longer. */
export interface Cancellation {
	readonly cancelled: number;
}

export type Response =
	| { readonly id: number; readonly value: unknown }
	| { readonly id: number; readonly token: Parameters<OnToken> }
	| {
			readonly id: number;
			readonly error: { readonly name: string; readonly message: string; readonly stack: string };
	  };

/** Returns what crosses the border of an error. */
export function packError(error: unknown): { name: string; message: string; stack: string } {
	const { name, stack } = error instanceof Error ? error : new Error(messageOf(error));
	return { name, message: messageOf(error), stack: stack ?? '' };
}

/** Returns the error again: a `UserError` stays one, anything else is ours. */
export function unpackError({ name, message, stack }: { name: string; message: string; stack: string }): Error {
	if (name === 'UserError') return new UserError(message);
	return new InternalError(`the engine process failed: ${message}\n${stack}`);
}
