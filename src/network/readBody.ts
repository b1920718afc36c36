/** The body of an answer: servers may fall silent within it, or never end it. */
import { causeOf, HttpError } from './httpError.ts';

/** How long to wait for the next bytes. */
export interface Waiting {
	/** Milliseconds. */
	readonly timeout: number;
	readonly signal: AbortSignal;
}

/** Yields the bytes of an answer. Throws `HttpError` when the connection is cut or nothing comes for the time to wait. */
export async function* chunksOf(response: Response, { timeout, signal }: Waiting): AsyncGenerator<Uint8Array> {
	const reader = response.body?.getReader();
	if (reader === undefined) return;
	try {
		for (;;) {
			const chunk = await nextOf(reader, timeout);
			if (chunk === null) return;
			yield chunk;
		}
	} catch (error) {
		signal.throwIfAborted();
		throw error instanceof HttpError ? error : new HttpError(`the connection was cut (${causeOf(error)})`, null);
	} finally {
		// Whoever stops reading wants no more to be sent; a connection that is gone has nothing to cancel.
		await reader.cancel().catch(() => undefined);
	}
}

/** Returns null at the end. */
async function nextOf(reader: ReadableStreamDefaultReader<Uint8Array>, timeout: number): Promise<Uint8Array | null> {
	let timer: NodeJS.Timeout | undefined;
	const silence = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new HttpError('nothing more comes', null)), timeout);
	});
	try {
		const next = await Promise.race([reader.read(), silence]);
		return next.done ? null : next.value;
	} finally {
		clearTimeout(timer);
	}
}

/** The whole of an answer may take so many times as long as its first byte. */
const WHOLE = 10;

/**
 * Returns the text of an answer of at most so many bytes, counted after they are unpacked.
 * @throws HttpError for an answer that breaks off, and, not to be tried again, for one that is longer or takes ten times the
 * time to wait.
 */
export async function readText(response: Response, most: number, waiting: Waiting): Promise<string> {
	const end = Date.now() + WHOLE * waiting.timeout;
	const chunks: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of chunksOf(response, waiting)) {
		chunks.push(chunk);
		length += chunk.length;
		if (length > most) throw endless(`the answer is longer than ${Math.round(most / 1e6)} MB`);
		if (Date.now() > end) throw endless(`the answer did not end within ${(WHOLE * waiting.timeout) / 1000} s`);
	}
	return new TextDecoder().decode(Buffer.concat(chunks));
}

function endless(message: string): HttpError {
	return new HttpError(message, null, { isFinal: true });
}

/** Returns the beginning of an answer, as much as comes of it; what follows is not fetched. */
export async function beginningOf(response: Response, characters: number, waiting: Waiting): Promise<string> {
	const end = Date.now() + WHOLE * waiting.timeout;
	const decoder = new TextDecoder();
	let text = '';
	try {
		for await (const chunk of chunksOf(response, waiting)) {
			text += decoder.decode(chunk, { stream: true });
			if (text.length >= characters || Date.now() > end) break;
		}
	} catch (error) {
		if (!(error instanceof HttpError)) throw error;
	}
	return text.slice(0, characters);
}
