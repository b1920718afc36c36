/** Who may ask, and what is read of a request before anything is computed. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { HonoRequest } from 'hono';
import { itemAt } from '../../core/present.ts';
import { ApiError } from './errors.ts';
import { isLoopback, namesLoopback } from './loopback.ts';

export interface Admission {
	/** The address the server listens at. */
	readonly host: string;
	/** What clients must send as `Authorization: Bearer KEY`; null where anybody may ask. */
	readonly apiKey: string | null;
}

/** In bytes. */
export const largestBody = 4 * 2 ** 20;
/** What is longer than this, in bytes, is not read to its end. */
const mostDiscarded = 64 * 2 ** 20;

/** Returns why a request is refused whatever it asks; null where it is not. */
export function refusalOf(request: HonoRequest, { host, apiKey }: Admission): ApiError | null {
	if (isLoopback(host) && !namesLoopback(request.header('host'))) {
		return new ApiError(403, 'This server answers under the names localhost, 127.0.0.1 and [::1] only.');
	}
	const isOpen = apiKey === null || !request.path.startsWith('/v1/');
	if (isOpen || isSame(bearerKey(request.header('authorization')), apiKey)) return null;
	return new ApiError(401, 'Incorrect API key provided.', null, 'invalid_api_key');
}

/** The scheme is read without regard to case (RFC 9110, section 11.1). */
function bearerKey(header: string | undefined): string {
	return /^bearer +(\S+) *$/iu.exec(header ?? '')?.[1] ?? '';
}

/** Takes the same time for every wrong key. */
function isSame(given: string, expected: string): boolean {
	const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
	return timingSafeEqual(digest(given), digest(expected));
}

/**
 * Returns the body as text, at most `largestBody` bytes of it. Throws `refusal`, or `ApiError` 413 for a longer one, once
 * the rest was read: a client that still writes would not see the answer.
 */
export async function readBody(request: Request, refusal: ApiError | null): Promise<string> {
	const pieces: Uint8Array[] = [];
	let size = 0;
	const isEndless = Number(request.headers.get('content-length') ?? 0) > mostDiscarded;
	for await (const piece of isEndless ? [] : (request.body ?? [])) {
		size += piece.length;
		if (size > mostDiscarded) break;
		if (refusal === null && size <= largestBody) pieces.push(piece);
		else pieces.length = 0;
	}
	if (refusal !== null) throw refusal;
	if (isEndless || size > largestBody) throw new ApiError(413, `The request is larger than ${largestBody} bytes.`);
	return Buffer.concat(pieces).toString();
}

/**
 * Returns the value of a JSON body. Throws `ApiError` for another type of content: browsers send JSON to other sites only
 * after they were allowed to, and other types without asking.
 */
export function jsonOf(request: HonoRequest, body: string): unknown {
	const type = itemAt((request.header('content-type') ?? '').split(';'), 0);
	if (type.trim().toLowerCase() !== 'application/json') {
		throw new ApiError(415, 'The content type must be application/json.', null, 'unsupported_media_type');
	}
	try {
		return JSON.parse(body);
	} catch {
		throw new ApiError(400, 'The body is not JSON.');
	}
}
