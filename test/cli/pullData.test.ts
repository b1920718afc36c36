/** Data from a hub and a web server on this machine into the caches, and from there into studies. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FileServer, startFileServer } from '../support/fileServer.ts';
import { type HubServer, startHub } from '../support/hubServer.ts';
import { type Outcome, runInMemory } from './inMemory.ts';

const commit = 'abcdef0123456789abcdef0123456789abcdef01';
const filesIn = (folder: string): Record<string, Buffer> =>
	Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));

let home: string;
let hub: HubServer;
let web: FileServer;
beforeAll(async () => {
	home = mkdtempSync(join(tmpdir(), 'pull-'));
	const files = { ...filesIn('fixtures/datasets/medical-bios'), 'data/own.csv': Buffer.from('t,l\nscalpel,surgeon\n') };
	hub = await startHub({ repository: 'coastalcph/medical-bios', kind: 'dataset', commit, files, token: 'hf_secret' });
	web = await startFileServer({ files: filesIn('fixtures/datasets/e-snli') });
});
afterAll(async () => {
	rmSync(home, { recursive: true });
	await Promise.all([hub.close(), web.close()]);
});

const environment = (more = {}) => ({
	HF_HOME: join(home, 'hf'),
	RATIONALE_CACHE: join(home, 'own'),
	HF_ENDPOINT: hub.endpoint,
	HF_TOKEN: 'hf_secret',
	...more,
});

async function estimated(name: string, datasets: string): Promise<Outcome> {
	const study = join(home, `${name}.yaml`);
	writeFileSync(study, `models: [fake]\nmethods: [random]\nselections: [own]\ndatasets:\n${datasets}`);
	return await runInMemory(['run', study, '--dry-run', '--json', '-q'], { environment: environment() });
}

it('studies fetch nothing, and say how to', async () => {
	const { code, notes } = await estimated('bios', '  - medical-bios\n');
	expect([code, hub.requests.length]).toEqual([1, 0]);
	expect(notes).toContain('"rationale pull medical-bios" fetches them');
	const offline = await runInMemory(['pull', 'medical-bios'], { environment: environment({ HF_HUB_OFFLINE: '1' }) });
	expect([offline.code, hub.requests.length]).toEqual([1, 0]);
	expect(offline.notes).toContain('HF_HUB_OFFLINE forbids');
});

it('a published dataset of the hub is fetched by its id and studied without a path', async () => {
	const { code, out, notes } = await runInMemory(['pull', 'medical-bios'], { environment: environment() });
	expect([code, notes]).toEqual([0, '']);
	expect(out).toMatch(/^medical-bios: .* fetched, 6 files checked by their hashes\n {2}commit abcdef0/u);
	expect(readdirSync(join(home, 'hf', 'hub'))).toEqual(['.locks', 'datasets--coastalcph--medical-bios']);
	const { out: estimates } = await estimated('bios', '  - medical-bios\n');
	expect(JSON.parse(estimates)).toMatchObject([{ dataset: 'medical-bios', texts: 10 }]);
	expect(out + notes + estimates).not.toContain('hf_secret');
	const again = await runInMemory(['pull', 'medical-bios', '--json'], { environment: environment() });
	expect(JSON.parse(again.out)).toMatchObject({ data: 'medical-bios', commit, fetched: 0 });
});

it("a table of one's own may lie in a dataset of the hub", async () => {
	const file = '{ path: data/own.csv, text: t, label: l }';
	const task = '{ instruction: Which?, labels: [surgeon, nurse] }';
	const entry = (from: string): string => `  - { id: mine, from: ${from}, file: ${file}, task: ${task} }\n`;
	const { out } = await estimated('mine', entry('datasets/coastalcph/medical-bios'));
	expect(JSON.parse(out)).toMatchObject([{ dataset: 'mine', texts: 1 }]);
	const absent = await estimated('mine', entry('datasets/coastalcph/medical-bios@v1'));
	expect(absent.notes).toContain('"rationale pull datasets/coastalcph/medical-bios@v1" fetches them');
	const wrong = await estimated('mine', entry('coastalcph/medical-bios'));
	expect(wrong.notes).toMatch(/mine\.yaml:5 \(datasets\[0\]\.from.*must be datasets\/org\/name/u);
});

it('addresses are fetched together, by themselves or with the study that names them', async () => {
	const study = join(home, 'pairs.yaml');
	const from = `[${web.url}esnli_test.csv, ${web.url}esnli_train_1.csv]`;
	const entry = `  - { id: pairs, format: e-snli, from: ${from}, fewShot: { count: 2 } }\n`;
	expect((await estimated('pairs', entry)).code).toBe(1);
	const { out, notes } = await runInMemory(['pull', study], { environment: environment() });
	expect(notes).toBe('');
	expect(out.match(/nobody has published its hash/gu)).toHaveLength(2);
	expect(JSON.parse((await estimated('pairs', entry)).out)).toMatchObject([{ dataset: 'pairs', texts: 9 }]);
	const count = web.requests.length;
	const again = await runInMemory(['pull', study], { environment: environment() });
	expect([again.out, again.notes]).toEqual(['', 'All that the study needs is here.\n']);
	const direct = ['pull', `${web.url}esnli_test.csv`, `${web.url}esnli_train_1.csv`];
	expect((await runInMemory(direct, { environment: environment() })).out).toContain('was there already');
	expect(web.requests.length).toBe(count);
});

it('what cannot be fetched is told from what can', async () => {
	const { code, notes } = await runInMemory(['pull', 'esnli'], { environment: environment() });
	expect([code, notes]).toEqual([1, expect.stringContaining('"esnli" is nothing that can be fetched')]);
	const bad = await estimated('bad', `  - { id: e-snli, from: [datasets/a/b, ${web.url}x.csv] }\n`);
	expect(bad.notes).toContain('several must be addresses');
	const bundled = await estimated('bundled', '  - { id: planted-bios, from: datasets/a/b }\n');
	expect(bundled.notes).toContain('is for one\'s own "file" or a published dataset only');
});

it('a study gets what can be had, and names what cannot', async () => {
	const study = join(home, 'both.yaml');
	writeFileSync(
		study,
		`models: [org/absent]\ndatasets: [{ id: pairs, format: e-snli, from: "${web.url}none.csv" }, medical-bios]\n`,
	);
	rmSync(join(home, 'hf'), { recursive: true, force: true });
	const { code, out, notes } = await runInMemory(['pull', study], { environment: environment() });
	expect(code).toBe(1);
	expect(out).toMatch(/^medical-bios: .* fetched/u);
	expect(notes).toContain('none.csv: there is nothing at this address');
	expect(notes).toContain('org/absent: not found');
});
