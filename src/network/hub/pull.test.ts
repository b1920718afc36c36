import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HubServer, type HubServerOptions, startHub } from '../../../test/support/hubServer.ts';
import { UserError } from '../../core/errors.ts';
import { defaultRetryPolicy } from '../request.ts';
import { cachedCommit, cachedSnapshot, hubCacheFolder } from './hubCache.ts';
import { isHubId, parseHubId } from './hubId.ts';
import { type Pulled, pull } from './pull.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
const weights = randomBytes(300_000);
const small = {
	'config.json': Buffer.from('{"model_type":"llama"}'),
	'tokenizer.json': Buffer.from('{"model":{}}'),
	'README.md': Buffer.from('not needed'),
	'pytorch_model.bin': randomBytes(50),
};
const files = { ...small, 'model.safetensors': weights };

let cache: string;
let hub: HubServer | undefined;
beforeEach(() => {
	cache = mkdtempSync(join(tmpdir(), 'hub-'));
});
afterEach(async () => {
	rmSync(cache, { recursive: true });
	await stopHub();
});

async function stopHub(): Promise<void> {
	await hub?.close();
	hub = undefined;
}

async function pulled(
	options: Partial<HubServerOptions> = {},
	id = 'org/tiny',
	token: string | null = null,
): Promise<Pulled> {
	hub ??= await startHub({ repository: 'org/tiny', commit, files, ...options });
	const retryPolicy = { ...defaultRetryPolicy, retries: 2, firstWait: 1, longestWait: 1, timeout: 5000 };
	const access = { endpoint: hub.endpoint, token, retryPolicy, signal: new AbortController().signal };
	return await pull(parseHubId(id), { cache, access, onProgress: () => undefined });
}

function event(): { readonly happened: Promise<void>; readonly happen: () => void } {
	let happen = (): void => undefined;
	const happened = new Promise<void>((resolve) => (happen = resolve));
	return { happened, happen: () => happen() };
}

const repository = (): string => join(cache, 'models--org--tiny');
const paths = (): string[] => (hub?.requests ?? []).map(({ path }) => path);

describe('pull', () => {
	it('lays out the cache as huggingface_hub does, with the files that are needed', async () => {
		const { folder, fetched } = await pulled();
		expect(folder).toBe(join(repository(), 'snapshots', commit));
		expect(readdirSync(folder).toSorted()).toEqual(['config.json', 'model.safetensors', 'tokenizer.json']);
		expect(readFileSync(join(folder, 'model.safetensors')).equals(weights)).toBe(true);
		expect(lstatSync(join(folder, 'config.json')).isSymbolicLink()).toBe(true);
		expect(readlinkSync(join(folder, 'config.json'))).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{40}$/u);
		expect(readlinkSync(join(folder, 'model.safetensors'))).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/u);
		expect(readFileSync(join(repository(), 'refs', 'main'), 'utf8')).toBe(commit);
		expect(fetched).toBe(weights.length + small['config.json'].length + small['tokenizer.json'].length);
		expect(cachedSnapshot(cache, parseHubId('org/tiny'))).toBe(folder);
	});

	it('fetches nothing twice', async () => {
		await pulled();
		const before = hub?.requests.length ?? 0;
		expect((await pulled()).fetched).toBe(0);
		expect(hub?.requests.length).toBe(before + 1);
	});

	it('keeps out a second process while the first one fetches, and lets it in afterwards', async () => {
		const [asked, answered] = [event(), event()];
		const beforeAnswer = async (): Promise<void> => {
			asked.happen();
			await answered.happened;
		};
		const first = pulled({ beforeAnswer });
		// What asks the hub holds the lock.
		await asked.happened;
		await expect(pulled()).rejects.toThrow(/another run .* set HF_HOME to another folder/u);
		answered.happen();
		await first;
		expect((await pulled()).fetched).toBe(0);
	});

	it('asks for the rest where a connection was cut', async () => {
		await pulled({ cuts: { 'model.safetensors': [100_000, 50_000] } });
		const ranges = (hub?.requests ?? []).filter(({ onStorage }) => onStorage).map(({ range }) => range);
		const starts = ranges.map((range) => Number(/^bytes=(\d+)-$/u.exec(range ?? 'bytes=0-')?.[1]));
		// What was on its way when the connection was cut may be lost.
		expect(starts).toHaveLength(3);
		expect(starts[0]).toBe(0);
		expect(starts[1]).toBeLessThanOrEqual(100_000);
		expect(starts[2]).toBeGreaterThan(0);
		expect(starts[2]).toBeGreaterThanOrEqual(starts[1] ?? 0);
		expect(starts[2]).toBeLessThanOrEqual((starts[1] ?? 0) + 50_000);
	});

	it('goes on with the bytes of an earlier run, also where the server knows no ranges', async () => {
		const cuts = [100_000, 0, 0, 0];
		await expect(pulled({ cuts: { 'model.safetensors': cuts } })).rejects.toThrow(/the same command goes on/u);
		const blobs = readdirSync(join(repository(), 'blobs'));
		expect(blobs.filter((name) => name.endsWith('.incomplete'))).toHaveLength(1);
		expect(existsSync(join(repository(), 'refs'))).toBe(false);
		await stopHub();
		const { folder } = await pulled({ ignoresRanges: true });
		expect(readFileSync(join(folder, 'model.safetensors')).equals(weights)).toBe(true);
	});

	it('starts again where the server has no such part', async () => {
		const cuts = { 'model.safetensors': [100_000] };
		const { folder } = await pulled({ cuts, refusesRanges: true });
		expect(readFileSync(join(folder, 'model.safetensors')).equals(weights)).toBe(true);
		const ranges = (hub?.requests ?? []).filter(({ onStorage }) => onStorage).map(({ range }) => range ?? 'whole');
		expect(ranges).toEqual(['whole', expect.stringMatching(/^bytes=\d+-$/u), 'whole']);
	});

	it('refuses wrong bytes of the right length, and keeps none of them', async () => {
		const forged = [randomBytes(weights.length), randomBytes(weights.length)];
		await expect(pulled({ wrong: { 'model.safetensors': forged } })).rejects.toThrow(/other bytes than the hub says/u);
		expect(readdirSync(join(repository(), 'blobs')).filter((name) => name.length >= 64)).toEqual([]);
		expect(cachedCommit(cache, parseHubId('org/tiny'))).toBeUndefined();
	});

	it('starts again where the bytes of an earlier run turn out to be wrong', async () => {
		const wrong = [randomBytes(weights.length)];
		const cuts = [100_000, 0, 0, 0];
		await expect(
			pulled({ wrong: { 'model.safetensors': wrong }, cuts: { 'model.safetensors': cuts } }),
		).rejects.toThrow(UserError);
		const { folder } = await pulled();
		expect(readFileSync(join(folder, 'model.safetensors')).equals(weights)).toBe(true);
	});

	it('sends the token to the hub and not to where it redirects', async () => {
		await pulled({ token: 'hf_secret' }, 'org/tiny', 'hf_secret');
		for (const { authorization, onStorage } of hub?.requests ?? []) {
			expect(authorization).toBe(onStorage ? undefined : 'Bearer hf_secret');
		}
	});

	it.each([
		['without a token', null, /set HF_TOKEN/u],
		['with a wrong one', 'hf_wrong_secret', /whether the token in HF_TOKEN is valid/u],
	])('says what to do where a model may not be read %s, and never names the token', async (_, token, expected) => {
		const error: unknown = await pulled({ token: 'hf_secret' }, 'org/tiny', token).catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(UserError);
		expect(String(error)).toMatch(expected);
		expect(String(error)).not.toContain('hf_wrong_secret');
		expect(paths()).toHaveLength(1);
	});

	it('waits as long as the server asks, and gives up in words', async () => {
		const busy = { status: 429, headers: { 'retry-after': '0' } };
		expect((await pulled({ refusals: [busy, { status: 503 }] })).fetched).toBeGreaterThan(0);
		await stopHub();
		rmSync(repository(), { recursive: true });
		await expect(pulled({ refusals: [busy, busy, busy] })).rejects.toThrow(/limits how often it may be asked/u);
	});

	it('takes a revision, and names one that does not exist', async () => {
		const { folder } = await pulled({}, 'org/tiny@v1');
		expect(readFileSync(join(repository(), 'refs', 'v1'), 'utf8')).toBe(commit);
		expect(cachedSnapshot(cache, parseHubId(`org/tiny@${commit}`))).toBe(folder);
		await expect(pulled({}, 'org/tiny@v2')).rejects.toThrow('there is no revision "v2"');
	});

	it('takes the shards that the index names, and no others', async () => {
		const index = { weight_map: { a: 'model-1-of-2.safetensors', b: 'model-2-of-2.safetensors' } };
		const shards = { 'model-1-of-2.safetensors': randomBytes(10), 'model-2-of-2.safetensors': randomBytes(20) };
		const indexFile = { 'model.safetensors.index.json': Buffer.from(JSON.stringify(index)) };
		const { folder } = await pulled({
			files: { ...small, ...indexFile, ...shards, 'other.safetensors': randomBytes(5) },
		});
		expect(readdirSync(folder).filter((name) => name.includes('safetensors'))).toEqual([
			'model-1-of-2.safetensors',
			'model-2-of-2.safetensors',
			'model.safetensors.index.json',
		]);
	});

	it('names what there is where no weights can be used, or a shard is missing', async () => {
		await expect(pulled({ files: small })).rejects.toThrow(/It holds pytorch_model\.bin/u);
		await stopHub();
		const index = Buffer.from(JSON.stringify({ weight_map: { a: '../../escape.safetensors' } }));
		await expect(pulled({ files: { ...small, 'model.safetensors.index.json': index } })).rejects.toThrow(
			/names "\.\.\/\.\.\/escape\.safetensors"/u,
		);
		for (const broken of ['{', '{}', '{"weight_map": ["a"]}']) {
			await stopHub();
			rmSync(repository(), { recursive: true });
			const files = { ...small, 'model.safetensors.index.json': Buffer.from(broken) };
			await expect(pulled({ files })).rejects.toThrow('has no "weight_map" that names shards');
		}
	});
});

describe('pull of a dataset', () => {
	const data = {
		'README.md': Buffer.from('---'),
		'.gitattributes': Buffer.from(''),
		'../escape.csv': Buffer.from('x'),
		'data/test.parquet': randomBytes(200_000),
		'train.jsonl': Buffer.from('{}\n'),
	};

	it('takes the files that hold data into the folder of datasets, and goes on where it was cut', async () => {
		const cuts = { 'data/test.parquet': [50_000] };
		const { folder, files: fetched } = await pulled({ kind: 'dataset', files: data, cuts }, 'datasets/org/tiny');
		expect(folder).toBe(join(cache, 'datasets--org--tiny', 'snapshots', commit));
		expect(fetched.map(({ path }) => path)).toEqual(['data/test.parquet', 'train.jsonl']);
		expect(readFileSync(join(folder, 'data/test.parquet')).equals(data['data/test.parquet'])).toBe(true);
		expect(readlinkSync(join(folder, 'data/test.parquet'))).toMatch(/^\.\.\/\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/u);
		expect(cachedSnapshot(cache, parseHubId('datasets/org/tiny'))).toBe(folder);
		expect(cachedSnapshot(cache, parseHubId('org/tiny'))).toBeUndefined();
		expect(paths().some((path) => path.startsWith('/api/datasets/org/tiny/revision/main'))).toBe(true);
	});

	it('names its page where its conditions must be accepted', async () => {
		const refusals = [{ status: 403, headers: { 'x-error-code': 'GatedRepo' } }];
		await expect(pulled({ kind: 'dataset', files: data, refusals }, 'datasets/org/tiny')).rejects.toThrow(
			/Accept its conditions on http:\/\/127\.0\.0\.1:\d+\/datasets\/org\/tiny, then set HF_TOKEN/u,
		);
	});

	it('says what it holds where nothing is data', async () => {
		await expect(
			pulled({ kind: 'dataset', files: { 'script.py': Buffer.from('') } }, 'datasets/org/tiny'),
		).rejects.toThrow('datasets/org/tiny: holds no file of data');
	});
});

it('tells hub ids from paths and names', () => {
	expect(['org/name', 'org/name@main', 'a-b/c.d_e@refs/pr/1'].map(isHubId)).toEqual([true, true, true]);
	const others = [
		'name',
		'./org/name',
		'/org/name',
		'a/b/c',
		'../name',
		'org/..',
		'org/name@../x',
		'org/name@',
		'C:/x',
	];
	expect(others.filter(isHubId)).toEqual([]);
	expect(() => parseHubId('tiny')).toThrow(UserError);
});

it('finds the cache folder as huggingface_hub does', () => {
	const [hf, xdg] = [{ HF_HOME: '/a' }, { XDG_CACHE_HOME: '/b' }];
	expect(hubCacheFolder({ ...hf, HF_HUB_CACHE: '/c', HUGGINGFACE_HUB_CACHE: '/d' })).toBe('/c');
	expect(hubCacheFolder({ ...hf, HUGGINGFACE_HUB_CACHE: '/d' })).toBe('/d');
	expect(hubCacheFolder({ ...hf, ...xdg })).toBe('/a/hub');
	expect(hubCacheFolder(xdg)).toBe('/b/huggingface/hub');
	expect(hubCacheFolder({})).toMatch(/\.cache\/huggingface\/hub$/u);
});
