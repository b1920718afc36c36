import { gzipSync } from 'node:zlib';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { beginningOf, readText } from './readBody.ts';
import { HttpError } from './httpError.ts';
import { defaultRetryPolicy, request } from './request.ts';

const { signal } = new AbortController();
/** Longer than any test takes. */
const waiting = { timeout: 60_000, signal };

/** An answer that goes on for ever in chunks of so many bytes. */
const endless = (bytes: number): Response =>
	new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(bytes).fill(32)) }));

describe('readText', () => {
	it('gives the text, characters across chunks too', async () => {
		const bytes = Buffer.from('naïve 😀');
		const parts = [bytes.subarray(0, 3), bytes.subarray(3, 9), bytes.subarray(9)];
		const body = new ReadableStream({
			start: (controller) => {
				for (const part of parts) controller.enqueue(new Uint8Array(part));
				controller.close();
			},
		});
		expect(await readText(new Response(body), 100, waiting)).toBe('naïve 😀');
		expect(await readText(new Response(null), 100, waiting)).toBe('');
	});

	it.each([
		['longer than it may be', endless(1e6), waiting, 'the answer is longer than 16 MB'],
		['longer than it may take', endless(1), { timeout: 20, signal }, 'the answer did not end within 0.2 s'],
	])('ends an answer that is %s, for good', async (_, response, how, message) => {
		const error: unknown = await readText(response, 16e6, how).catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(HttpError);
		expect(error).toMatchObject({ message, isTransient: false, mayBeDone: true });
	});

	it('ends an answer that falls silent; another try may do better', async () => {
		const silent = new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }));
		const error: unknown = await readText(silent, 100, { timeout: 5, signal }).catch((thrown: unknown) => thrown);
		expect(error).toMatchObject({ message: 'nothing more comes', isTransient: true });
	});
});

it('takes of an error no more than its beginning', async () => {
	expect(await beginningOf(endless(7), 20, waiting)).toBe(' '.repeat(20));
	const silent = new ReadableStream({
		start: (controller) => controller.enqueue(new TextEncoder().encode('busy')),
		pull: () => new Promise(() => undefined),
	});
	expect(await beginningOf(new Response(silent), 20, { timeout: 5, signal })).toBe('busy');
});

describe('an answer over the net', () => {
	let close = async (): Promise<void> => undefined;
	afterEach(() => close());

	async function asked(answer: (response: ServerResponse) => void): Promise<unknown> {
		const server = createServer((_, response) => {
			response.on('error', () => undefined);
			answer(response);
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		close = async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		};
		const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		const retryPolicy = { ...defaultRetryPolicy, retries: 2, firstWait: 1, longestWait: 1 };
		return await request(
			url,
			() => ({}),
			(response) => readText(response, 1e6, waiting),
			{ retryPolicy, signal },
		).catch((error: unknown) => error);
	}

	it('is counted after it is unpacked, and asked for once', async () => {
		let count = 0;
		const bomb = gzipSync(Buffer.alloc(50e6, 32));
		const error = await asked((response) => {
			count += 1;
			response.writeHead(200, { 'content-encoding': 'gzip' });
			response.end(bomb);
		});
		expect(bomb.length).toBeLessThan(1e5);
		expect(error).toMatchObject({ message: 'the answer is longer than 1 MB' });
		expect(count).toBe(1);
	});

	it('that is an endless error gives its beginning', async () => {
		const error = await asked((response) => {
			response.writeHead(400);
			const more = (): void => {
				while (!response.destroyed && response.write('x'.repeat(1000)));
				if (!response.destroyed) response.once('drain', more);
			};
			more();
		});
		expect(error).toMatchObject({ status: 400, body: 'x'.repeat(2000) });
	});
});
