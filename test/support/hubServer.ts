/** A hub on this machine: speaks the protocol of huggingface.co for a few files, and misbehaves where it is told to. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HubServerOptions {
	/** `org/name`. */
	readonly repository: string;
	/** What the repository holds; default: a model. */
	readonly kind?: 'model' | 'dataset';
	readonly commit: string;
	/** Content by path; `.safetensors` and `.parquet` files are large files: SHA-256, and redirected to the storage server. */
	readonly files: Readonly<Record<string, Buffer>>;
	/** Bytes after which the connection is cut, by path, one for each request; then no more. */
	readonly cuts?: Readonly<Record<string, number[]>>;
	/** Served in the place of the real bytes, by path, as many times as there are entries. */
	readonly wrong?: Readonly<Record<string, Buffer[]>>;
	/** Answered before anything else, in order. */
	readonly refusals?: { readonly status: number; readonly headers?: Readonly<Record<string, string>> }[];
	/** Needed to read anything. */
	readonly token?: string;
	readonly ignoresRanges?: boolean;
	/** Called for each request before it is answered, which waits until then. */
	readonly beforeAnswer?: () => Promise<void>;
	/** Answers 416 to every request for a part. */
	readonly refusesRanges?: boolean;
}

/** What came in. */
export interface SeenRequest {
	readonly path: string;
	readonly range: string | undefined;
	readonly authorization: string | undefined;
	readonly onStorage: boolean;
}

export interface HubServer {
	readonly endpoint: string;
	readonly requests: SeenRequest[];
	close(): Promise<void>;
}

/** Returns a running hub with its storage server. */
export async function startHub(options: HubServerOptions): Promise<HubServer> {
	const requests: SeenRequest[] = [];
	const note = (request: IncomingMessage, onStorage: boolean): void => {
		const { range, authorization } = request.headers;
		requests.push({ path: request.url ?? '', range, authorization, onStorage });
	};
	const storage = createServer((request, response) => {
		note(request, true);
		sendFile(options, decodeURIComponent((request.url ?? '').slice(1)), request, response);
	});
	const storageUrl = await listen(storage);
	const { beforeAnswer = async () => undefined } = options;
	const hub = createServer((request, response) => {
		note(request, false);
		void beforeAnswer().then(() => answer(options, storageUrl, request, response));
	});
	const endpoint = await listen(hub);
	return {
		endpoint,
		requests,
		close: async () => {
			for (const server of [hub, storage]) {
				server.closeAllConnections();
				await new Promise((resolve) => server.close(resolve));
			}
		},
	};
}

function answer(options: HubServerOptions, storage: string, request: IncomingMessage, response: ServerResponse): void {
	const { repository, kind = 'model', commit, files, token, refusals = [] } = options;
	const refusal = refusals.shift();
	if (refusal !== undefined) return void response.writeHead(refusal.status, refusal.headers).end('refused');
	if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
		return void response.writeHead(401, { 'x-error-code': 'RepoNotFound' }).end('Repository not found');
	}
	const url = new URL(request.url ?? '', 'http://hub');
	const [, revision] = new RegExp(`^/api/${kind}s/${repository}/revision/(.+)$`, 'u').exec(url.pathname) ?? [];
	if (revision !== undefined) {
		const known = ['main', 'v1', commit].includes(decodeURIComponent(revision));
		if (!known) return void response.writeHead(404, { 'x-error-code': 'RevisionNotFound' }).end('no such revision');
		return void response
			.writeHead(200, { 'content-type': 'application/json' })
			.end(JSON.stringify({ id: repository, sha: commit, siblings: Object.entries(files).map(sibling) }));
	}
	const [, path = ''] =
		new RegExp(`^${kind === 'dataset' ? '/datasets' : ''}/${repository}/resolve/${commit}/(.+)$`, 'u').exec(
			url.pathname,
		) ?? [];
	if (!Object.hasOwn(files, path)) return void response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
	if (isLarge(path)) return void response.writeHead(302, { location: `${storage}/${path}` }).end();
	sendFile(options, path, request, response);
}

function isLarge(path: string): boolean {
	return /\.(safetensors|parquet)$/u.test(path);
}

function sibling([rfilename, content]: [string, Buffer]) {
	const size = content.length;
	const blobId = createHash('sha1').update(`blob ${size}\0`).update(content).digest('hex');
	if (!isLarge(rfilename)) return { rfilename, size, blobId };
	const sha256 = createHash('sha256').update(content).digest('hex');
	return { rfilename, size, blobId, lfs: { sha256, size, pointerSize: 134 } };
}

function sendFile(
	{ files, cuts = {}, wrong = {}, ignoresRanges, refusesRanges }: HubServerOptions,
	path: string,
	request: IncomingMessage,
	response: ServerResponse,
): void {
	const content = wrong[path]?.shift() ?? files[path] ?? Buffer.alloc(0);
	const [, first] = /^bytes=(\d+)-$/u.exec(request.headers.range ?? '') ?? [];
	if (refusesRanges === true && first !== undefined) return void response.writeHead(416).end();
	const start = ignoresRanges === true ? 0 : Number(first ?? 0);
	const headers = { 'content-length': content.length - start };
	const range = { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` };
	response.writeHead(start > 0 ? 206 : 200, start > 0 ? { ...headers, ...range } : headers);
	const cut = cuts[path]?.shift();
	if (cut === undefined) response.end(content.subarray(start));
	else response.write(content.subarray(start, start + cut), () => response.socket?.end());
}

async function listen(server: Server): Promise<string> {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
