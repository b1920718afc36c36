/** Errors in the form of the OpenAI API. */
import { messageOf, UserError } from '../../core/errors.ts';

export type ErrorStatus = 400 | 401 | 404 | 413 | 500;

/** A refusal with what a client reads: status, the parameter at fault, a code. */
export class ApiError extends Error {
	readonly status: ErrorStatus;
	readonly param: string | null;
	readonly code: string | null;

	constructor(status: ErrorStatus, message: string, param: string | null = null, code: string | null = null) {
		super(message);
		this.status = status;
		this.param = param;
		this.code = code;
	}
}

/** Returns status and body for anything thrown; what is not the client's fault is not told in detail. */
export function errorAnswer(error: unknown): { readonly status: ErrorStatus; readonly body: object } {
	if (error instanceof ApiError) return { status: error.status, body: bodyOf(error) };
	if (error instanceof UserError) return { status: 400, body: bodyOf(new ApiError(400, messageOf(error))) };
	const told = new ApiError(500, 'The server failed. Its own output says more.');
	return { status: 500, body: bodyOf(told) };
}

function bodyOf({ status, message, param, code }: ApiError): object {
	const type = status === 500 ? 'server_error' : status === 401 ? 'authentication_error' : 'invalid_request_error';
	return { error: { message, type, param, code } };
}
