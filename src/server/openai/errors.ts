/** Errors in the form of the OpenAI API. */
import { messageOf, UserError } from '../../core/errors.ts';
import { EngineCrash } from '../../llm/process/engineCrash.ts';

export type ErrorStatus = 400 | 401 | 403 | 404 | 413 | 415 | 429 | 500 | 503;

/** A refusal with what a client reads: status, the parameter at fault, a code, when to ask again. */
export class ApiError extends Error {
	readonly status: ErrorStatus;
	readonly param: string | null;
	readonly code: string | null;
	/** In seconds; null where asking again changes nothing. */
	readonly retryAfter: number | null;

	constructor(
		status: ErrorStatus,
		message: string,
		param: string | null = null,
		code: string | null = null,
		retryAfter: number | null = null,
	) {
		super(message);
		this.status = status;
		this.param = param;
		this.code = code;
		this.retryAfter = retryAfter;
	}
}

/** Returns what a client is told of anything thrown; what is not the client's fault is not told in detail. */
export function toldOf(error: unknown): ApiError {
	if (error instanceof ApiError) return error;
	// The next request starts another engine.
	if (error instanceof EngineCrash) return new ApiError(503, messageOf(error), null, 'engine_crashed', 1);
	if (error instanceof UserError) return new ApiError(400, messageOf(error));
	return new ApiError(500, 'The server failed. Its own output says more.');
}

/** Returns the body of a refusal. */
export function errorBody({ status, message, param, code }: ApiError): object {
	return { error: { message, type: typeOf(status), param, code } };
}

function typeOf(status: ErrorStatus): string {
	if (status === 401) return 'authentication_error';
	if (status === 429) return 'rate_limit_error';
	return status >= 500 ? 'server_error' : 'invalid_request_error';
}
