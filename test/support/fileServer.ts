/** A web server of files on this machine: ranges, entity tags, and connections that are cut where it is told to. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FileServerOptions {
	/** Content by path, `a/b.csv`; may be changed while it runs. */
	readonly files: Record<string, Buffer>;
	/** Bytes after which the connection is cut, by path, one for each request; then no more. */
	readonly cuts?: Readonly<Record<string, number[]>>;
	/** Without entity tags nobody can tell whether a file has changed. */
	readonly hasTags?: boolean;
	/** Answered before anything else, in order. */
	readonly refusals?: number[];
}

export interface FileServer {
	/** `http://127.0.0.1:PORT/`. */
	readonly url: string;
	/** Path and range of each request. */
	readonly requests: { readonly path: string; readonly range: string | undefined }[];
	close(): Promise<void>;
}

/** Returns a running server. */
export async function startFileServer(options: FileServerOptions): Promise<FileServer> {
	const { files, cuts = {}, hasTags = true, refusals = [] } = options;
	const requests: FileServer['requests'] = [];
	const server = createServer((request, response) => {
		const path = decodeURIComponent((request.url ?? '').slice(1));
		requests.push({ path, range: request.headers.range });
		const refusal = refusals.shift();
		if (refusal !== undefined) return void response.writeHead(refusal).end('refused');
		const content = files[path];
		if (content === undefined) return void response.writeHead(404).end('<html>not found</html>');
		const tag = `"${createHash('sha1').update(content).digest('hex')}"`;
		const asked = request.headers['if-range'];
		const [, first] = /^bytes=(\d+)-$/u.exec(request.headers.range ?? '') ?? [];
		const start = asked !== undefined && asked !== tag ? 0 : Number(first ?? 0);
		if (start > 0 && start >= content.length) return void response.writeHead(416).end();
		response.writeHead(start > 0 ? 206 : 200, {
			'content-length': content.length - start,
			...(hasTags ? { etag: tag } : {}),
			...(start > 0 ? { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` } : {}),
		});
		const cut = cuts[path]?.shift();
		if (cut === undefined) response.end(content.subarray(start));
		else response.write(content.subarray(start, start + cut), () => response.socket?.end());
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
		requests,
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
