/** What the hub says about a repository, and which of its files a model needs. */
import { z } from 'zod';
import { UserError } from '../../core/errors.ts';
import { HttpError } from '../httpError.ts';
import { readText } from '../readBody.ts';
import { request, type RetryPolicy } from '../request.ts';
import { type HubId, urlPath } from './hubId.ts';

/** How to reach the hub. */
export interface HubAccess {
	/** `https://huggingface.co`, or a mirror. */
	readonly endpoint: string;
	/** Sent to the endpoint only, never to where it redirects; null for none. */
	readonly token: string | null;
	readonly retryPolicy: RetryPolicy;
	readonly signal: AbortSignal;
}

/** One file of a commit. `hash` is the SHA-256 of a large file, the git blob id (SHA-1) of any other; it names the blob. */
export interface HubFile {
	readonly path: string;
	readonly size: number;
	readonly hash: string;
	readonly algorithm: 'sha256' | 'git';
}

export interface HubCommit {
	readonly commit: string;
	readonly files: readonly HubFile[];
}

const fileSchema = z
	.looseObject({
		rfilename: z.string(),
		size: z.int().min(0).nullish(),
		blobId: z
			.string()
			.regex(/^[0-9a-f]{40}$/u)
			.nullish(),
		lfs: z.looseObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/u), size: z.int().min(0) }).nullish(),
	})
	.transform(({ rfilename: path, size, blobId, lfs }): HubFile[] => {
		if (lfs != null) return [{ path, size: lfs.size, hash: lfs.sha256, algorithm: 'sha256' }];
		return blobId == null || size == null ? [] : [{ path, size, hash: blobId, algorithm: 'git' }];
	});

const commitSchema = z.looseObject({
	sha: z.string().regex(/^[0-9a-f]{40}$/u),
	siblings: z.array(fileSchema).transform((files) => files.flat()),
});

/** Bytes of a list of files; those of the largest repositories have some hundred thousand. */
const LONGEST_LIST = 256e6;

/** Returns the files of a revision. Throws `UserError` for one that does not exist or may not be read. */
export async function readRepository(access: HubAccess, id: HubId): Promise<HubCommit> {
	const { repository, revision } = id;
	const url = `${access.endpoint}/api/${id.kind}s/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`;
	const waiting = { timeout: access.retryPolicy.timeout, signal: access.signal };
	const text = await hubRequest(access, id, url, {}, (response) => readText(response, LONGEST_LIST, waiting));
	const parsed = commitSchema.safeParse(jsonOf(text));
	if (parsed.success) return { commit: parsed.data.sha, files: parsed.data.siblings };
	throw new UserError(
		`${access.endpoint}: the answer about ${repository} is not that of a Hugging Face hub (` +
			`${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}). Check HF_ENDPOINT.`,
	);
}

/** A part was asked for that does not exist. */
const noSuchRange = 416;

/**
 * Returns what `use` makes of the answer. Throws `UserError` where the hub refuses or cannot be reached, and `HttpError`
 * where it has no such part of a file.
 */
export async function hubRequest<T>(
	access: HubAccess,
	id: HubId,
	url: string,
	headers: Readonly<Record<string, string>>,
	use: (response: Response) => Promise<T>,
): Promise<T> {
	const authorization = access.token === null ? {} : { authorization: `Bearer ${access.token}` };
	try {
		return await request(url, () => ({ headers: { ...headers, ...authorization } }), use, access);
	} catch (error) {
		throw error instanceof HttpError && error.status !== noSuchRange ? refusal(access, id, error) : error;
	}
}

function refusal({ endpoint, token }: HubAccess, id: HubId, error: HttpError): UserError {
	const { repository, revision } = id;
	const { status } = error;
	const code = error.headers.get('x-error-code');
	if (code === 'RevisionNotFound')
		return new UserError(`${repository}: there is no revision "${revision}" on ${endpoint}.`);
	if (code === 'GatedRepo' || status === 403) {
		return new UserError(
			`${repository}: access is restricted. Accept its conditions on ${endpoint}/${urlPath(id)}, then set HF_TOKEN to a ` +
				`token of that account${token === null ? '' : ' (the one in HF_TOKEN is not enough)'}.`,
		);
	}
	if (status === 401 || status === 404) {
		const next =
			token === null
				? 'Check the name; where it is private, set HF_TOKEN.'
				: 'Check the name, and whether the token in HF_TOKEN is valid and may read it.';
		return new UserError(
			`${repository}: not found on ${endpoint}, or not open to everybody (status ${status}). ${next}`,
		);
	}
	const what = status === 429 ? 'the server limits how often it may be asked (status 429)' : error.message;
	return new UserError(
		`${endpoint}: ${repository} cannot be fetched: ${what}. Try again later: the same command goes on where it stopped.`,
	);
}

/** Small files, each taken where it exists. */
const smallFiles: readonly string[] = [
	'config.json',
	'generation_config.json',
	'tokenizer.json',
	'tokenizer_config.json',
	'special_tokens_map.json',
	'chat_template.jinja',
	'adapter_config.json',
];
const wholeWeights = ['model.safetensors', 'adapter_model.safetensors'] as const;
export const weightIndex = 'model.safetensors.index.json';

/**
 * Returns the files to fetch first: the small ones, and the weights where they are one file, or else their index.
 * Throws `UserError` for a repository without safetensors, or without the GGUF file that the id names.
 */
export function filesOfModel(id: HubId, { files }: HubCommit): HubFile[] {
	const { repository } = id;
	if (id.file !== undefined) return ggufFiles(repository, id.file, files);
	const named = (path: string): HubFile[] => files.filter((file) => file.path === path);
	const whole = wholeWeights.flatMap(named);
	const weights = whole.length > 0 ? whole : named(weightIndex);
	if (weights.length > 0) return [...smallFiles.flatMap(named), ...weights];
	const others = files.map(({ path }) => path).filter((path) => /\.(bin|gguf|pt|pth|onnx|safetensors)$/u.test(path));
	throw new UserError(
		`${repository}: there are no weights that can be used (${wholeWeights[0]}, or shards with ${weightIndex}). It holds ` +
			`${others.length === 0 ? 'no weights' : others.slice(0, 5).join(', ')}.${ggufHint(repository, others)}`,
	);
}

function ggufHint(repository: string, paths: readonly string[]): string {
	const first = paths.find((path) => path.endsWith('.gguf'));
	return first === undefined ? '' : ` One of its GGUF files is fetched by its name: ${repository}:${first}`;
}

/** Returns a GGUF file, or all shards of the one that is named. */
function ggufFiles(repository: string, name: string, files: readonly HubFile[]): HubFile[] {
	const shard = /^(?<stem>.*)-\d{5}-of-(?<count>\d{5})\.gguf$/iu.exec(name)?.groups;
	const isWanted = (path: string): boolean =>
		path === name ||
		(shard !== undefined && path.startsWith(`${shard['stem']}-`) && path.endsWith(`-of-${shard['count']}.gguf`));
	const found = files.filter(({ path }) => isWanted(path));
	if (found.some(({ path }) => path === name)) return found;
	const others = files.map(({ path }) => path).filter((path) => path.toLowerCase().endsWith('.gguf'));
	throw new UserError(
		`${repository}: there is no file ${name}. Its GGUF files: ${others.length === 0 ? 'none' : others.slice(0, 12).join(', ')}` +
			`${others.length > 12 ? ', …' : ''}.`,
	);
}

/** Kinds of files that hold data, or data in an archive. */
const dataFile = /\.(csv|tsv|jsonl|ndjson|json|parquet|txt|zip|tar\.gz|tgz)$/iu;

/** Returns the files of a dataset that hold data. Throws `UserError` where there are none. */
export function filesOfDataset(id: HubId, { files }: HubCommit): HubFile[] {
	const isPlain = (path: string): boolean => path.split('/').every((part) => !part.startsWith('.'));
	const data = files.filter(({ path }) => dataFile.test(path) && isPlain(path));
	if (data.length > 0) return data;
	const found = files.map(({ path }) => path).slice(0, 5);
	throw new UserError(
		`${urlPath(id)}: holds no file of data (.csv, .tsv, .jsonl, .json, .parquet, .txt, .zip, .tar.gz). It holds ` +
			`${found.join(', ') || 'nothing'}.`,
	);
}

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/** Returns the shards that an index names. Throws `UserError` where the repository lacks one. */
export function shardsOf({ repository }: HubId, { files }: HubCommit, index: string): HubFile[] {
	const parsed = indexSchema.safeParse(jsonOf(index));
	if (!parsed.success) throw new UserError(`${repository}: ${weightIndex} has no "weight_map" that names shards.`);
	const names = [...new Set(Object.values(parsed.data.weight_map))].sort();
	return names.map((name) => {
		const shard = /^[\w.-]+\.safetensors$/u.test(name) ? files.find(({ path }) => path === name) : undefined;
		if (shard !== undefined) return shard;
		throw new UserError(`${repository}: ${weightIndex} names "${name}", which the repository does not hold.`);
	});
}

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}
