/** A model from a hub on this machine into the cache, and from there into an explanation. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type HubServer, startHub } from '../support/hubServer.ts';
import { runHere } from './inMemory.ts';

const commit = 'abcdef0123456789abcdef0123456789abcdef01';
const names = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'];
const files = Object.fromEntries(names.map((name) => [name, readFileSync(join('models/tiny-instruct', name))]));

let home: string;
let hub: HubServer;
beforeAll(async () => {
	home = mkdtempSync(join(tmpdir(), 'hf-'));
	hub = await startHub({ repository: 'org/tiny', commit, files, token: 'hf_secret_token' });
});
afterAll(async () => {
	rmSync(home, { recursive: true });
	await hub.close();
});

const environment = (more = {}) => ({ HF_HOME: home, HF_ENDPOINT: hub.endpoint, HF_TOKEN: 'hf_secret_token', ...more });
const text = 'She runs a small practice for hip surgery.';
const explain = ['explain', '--model', 'org/tiny', '--method', 'attention', '--json', text];

it('says how to fetch a model that is not in the cache, and why it does not offline', async () => {
	const absent = await runHere(explain, environment());
	expect([absent.code, absent.notes]).toEqual([1, expect.stringContaining('rationale pull org/tiny')]);
	const offline = await runHere(['pull', 'org/tiny'], environment({ HF_HUB_OFFLINE: '1' }));
	expect([offline.code, offline.notes]).toEqual([1, expect.stringContaining('HF_HUB_OFFLINE forbids')]);
	expect(hub.requests).toEqual([]);
});

it('fetches it, and explains with it offline', async () => {
	const first = await runHere(['pull', 'org/tiny'], environment());
	expect([first.code, first.notes]).toEqual([0, '']);
	expect(first.out).toContain('4 files checked by their hashes');
	expect(first.out).toContain(commit);
	const again = await runHere(['pull', 'org/tiny', '--json'], environment());
	expect(JSON.parse(again.out)).toMatchObject({ model: 'org/tiny', commit, fetched: 0 });
	const count = hub.requests.length;
	const offline = environment({ HF_HUB_OFFLINE: '1' });
	expect((await runHere(['pull', 'org/tiny'], offline)).out).toContain('in the cache');
	const explained = await runHere(explain, offline);
	expect(JSON.parse(explained.out)).toMatchObject({ model: { id: 'org/tiny' }, prediction: { label: 'surgeon' } });
	expect(hub.requests.length).toBe(count);
	expect(first.out + first.notes + again.out + explained.out).not.toContain('hf_secret_token');
});

it('refuses what is no hub id or no address', async () => {
	expect((await runHere(['pull', 'tiny'], environment())).notes).toContain('Give org/name');
	const nowhere = await runHere(['pull', 'org/tiny'], environment({ HF_ENDPOINT: 'nowhere' }));
	expect(nowhere.notes).toContain('HF_ENDPOINT: "nowhere" is no address');
});
