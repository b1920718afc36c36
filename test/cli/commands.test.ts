/** What every command has in common, and the commands that only list. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { UserError } from '../../src/core/errors.ts';
import { recalibrate } from '../../src/llm/calibration/calibrate.ts';
import { methodIds } from '../../src/rationales/methods.ts';
import { runCli } from '../../src/cli/runCli.ts';
import { fakeSource } from '../support/smallStudy.ts';
import { occupations, runInMemory } from './inMemory.ts';

const printingJson = [
	'run',
	'finetune',
	'explain',
	'score',
	'export',
	'pull',
	'models',
	'datasets',
	'methods',
	'doctor',
];
const commands = [...printingJson, 'serve-openai'];

it.each(commands)('%s explains itself with an example, in 80 columns', async (command) => {
	const { code, out, notes } = await runInMemory([command, '--help']);
	expect([code, notes]).toEqual([0, '']);
	expect(out).toContain(`Usage: rationale ${command}`);
	expect(out).toMatch(/Examples?:\n {2}rationale /u);
	expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
});

it.each(commands)(
	'%s lists the options of the engine only where it computes, and refuses them elsewhere',
	async (command) => {
		const computes = ['run', 'finetune', 'explain', 'serve-openai', 'doctor'].includes(command);
		const { out } = await runInMemory([command, '--help']);
		expect(out.includes('--memory')).toBe(computes);
		expect(out).not.toContain('--version');
		expect(out).toContain('--debug');
		if (computes) return;
		const needed = { score: ['x.jsonl', '--data', 'x'], export: ['x'], pull: ['x'] }[command] ?? [];
		const { code, notes } = await runInMemory(['--memory', '6GB', command, ...needed]);
		expect([code, notes]).toEqual([1, expect.stringContaining(`--memory: \`rationale ${command}\` computes nothing`)]);
	},
);

it.each(printingJson)('%s offers --json', async (command) => {
	expect((await runInMemory([command, '--help'])).out).toContain('--json');
});

it('lists all commands', async () => {
	const { code, out } = await runInMemory(['--help']);
	expect(code).toBe(0);
	for (const command of commands) expect(out).toMatch(new RegExp(`^ {2}${command} `, 'mu'));
});

it.each([
	[['explan'], 'explain'],
	[['methods', '--jsn'], '--json'],
	[['run', '--outt', 'x'], '--out'],
	[['explain', 'x', '--method', 'atention'], '"attention"'],
	[['explain', 'x', '--method', 'al'], '"all"'],
	[['explain', 'x', '--masking', 'delet'], '"delete"'],
	[['explain', 'x', '--task', 'planted-bio'], '"planted-bios"'],
])('%j: names the nearest known name and exits with 1', async (argv, nearest) => {
	const { code, out, notes } = await runInMemory(argv);
	expect([code, out]).toEqual([1, '']);
	expect(notes).toMatch(/^error: /u);
	expect(notes).toContain(`Did you mean ${nearest}?`);
});

it.each([
	[['run', 'absent.yaml'], 'absent.yaml: cannot be read'],
	[['finetune', 'absent.yaml'], 'absent.yaml: cannot be read'],
	[['run'], "'study'"],
	[['methods', 'extra'], 'too many arguments'],
	[['explain', 'x', '--k', '0'], 'whole number of at least 1'],
])('%j: says what is wrong and exits with 1', async (argv, message) => {
	const { code, out, notes } = await runInMemory(argv);
	expect([code, out]).toEqual([1, '']);
	expect(notes).toContain(message);
});

it('lists the declarations of all methods', async () => {
	const { code, out } = await runInMemory(['methods', '--json']);
	const declared = JSON.parse(out) as { id: string; needs: string; signed: boolean; source: string }[];
	expect(code).toBe(0);
	expect(declared.map(({ id }) => id)).toEqual(methodIds);
	expect(declared).toContainEqual(
		expect.objectContaining({ id: 'input_x_gradient.dot', needs: 'gradients', signed: true }),
	);
	const { out: text } = await runInMemory(['methods']);
	for (const { id, needs } of declared) expect(text).toMatch(new RegExp(`${id} .*\n.*needs ${needs}`, 'u'));
});

it('lists the datasets with their tasks', async () => {
	const { out } = await runInMemory(['datasets', '--json']);
	const datasets = JSON.parse(out) as { id: string; task: { labels: string[] }; splits: Record<string, number> }[];
	expect(datasets.map(({ id }) => id).slice(0, 4)).toEqual(['planted-bios', 'planted-nli', 'planted-claims', 'e-snli']);
	expect(datasets[2]?.task.labels).toEqual(['supports', 'refutes']);
	const listed = (await runInMemory(['datasets'])).out;
	expect(listed).toContain('labels: supports, refutes');
	expect(listed).toContain('splits: train, dev, test; files: esnli_train_1.csv');
});

it('lists the bundled models and the architectures', async () => {
	const { out } = await runInMemory(['models', '--json']);
	const { models, architectures } = JSON.parse(out) as { models: { id: string }[]; architectures: string[] };
	expect(models.map(({ id }) => id)).toEqual(['tiny-base', 'tiny-instruct']);
	expect(architectures).toContain('llama');
	expect((await runInMemory(['models'])).out).toContain('tiny-instruct');
});

it('doctor tells what the machine has and tests itself', async () => {
	let time = 0;
	const { code, out } = await runInMemory(['doctor', '--json'], { now: () => (time += 100) });
	expect(code).toBe(0);
	expect(JSON.parse(out)).toMatchObject({
		cores: expect.any(Number),
		memory: { total: expect.any(Number), free: expect.any(Number) },
		node: process.version,
		packages: { 'onnxruntime-node': expect.stringMatching(/^\d+\./u) },
		selfTest: { model: 'tiny-instruct', opened: 100, explained: 100, missing: {} },
	});
	expect((await runInMemory(['doctor'])).out).toMatch(/Self-test\n {2}tiny-instruct: opened in /u);
});

it('doctor shows what was measured on this machine', async () => {
	const environment = { RATIONALE_CACHE: mkdtempSync(join(tmpdir(), 'cache-')) };
	expect((await runInMemory(['doctor'], { environment })).out).toContain('not measured yet');
	expect(JSON.parse((await runInMemory(['doctor', '--json'], { environment })).out)).toMatchObject({
		calibration: null,
	});
	const times = (choice: number) => [{ choice, microseconds: [20, 21] }];
	await recalibrate(environment.RATIONALE_CACHE, async ({ device }) => {
		if (device !== 'cpu') throw new UserError(`no ${device} here`);
		return { threads: [{ choice: null, microseconds: [20] }], forward: times(1024), gradient: times(512) };
	});
	const { out } = await runInMemory(['doctor'], { environment });
	expect(out).toMatch(/tokens at a time +1024 forward, 512 backward/u);
	expect(out).toContain('cpu: 40 microseconds');
	expect(out).toContain('webgpu: no webgpu here');
	const json = JSON.parse((await runInMemory(['doctor', '--json'], { environment })).out) as object;
	expect(json).toMatchObject({
		calibration: {
			chosen: { device: 'cpu', threads: null, runs: { forward: 1024, gradient: 512 } },
			devices: { cuda: { problem: 'no cuda here' } },
		},
	});
});

it('doctor shows everything else when the self-test fails', async () => {
	const model = {
		weights: {},
		beforeCall: () => {
			throw new Error('no numbers today');
		},
	};
	const { code, out, notes } = await runInMemory(['doctor', '--json'], { model });
	expect(code).toBe(2);
	expect(JSON.parse(out)).toMatchObject({ node: process.version, selfTest: { failure: 'no numbers today' } });
	expect(notes).toContain('no numbers today');
});

const escape = '\u001B[';

it.each([
	{ isTTY: true, environment: {}, argv: [], coloured: true },
	{ isTTY: false, environment: {}, argv: [], coloured: false },
	{ isTTY: true, environment: { NO_COLOR: '1' }, argv: [], coloured: false },
	{ isTTY: true, environment: {}, argv: ['--no-color'], coloured: false },
	{ isTTY: true, environment: { TERM: 'dumb' }, argv: [], coloured: false },
	{ isTTY: false, environment: { FORCE_COLOR: '1' }, argv: [], coloured: true },
	{ isTTY: true, environment: { FORCE_COLOR: '0' }, argv: [], coloured: false },
	{ isTTY: true, environment: { FORCE_COLOR: '1', NO_COLOR: '1' }, argv: [], coloured: false },
])('colours: $coloured for $environment $argv, terminal $isTTY', async ({ argv, coloured, ...options }) => {
	const { out } = await runInMemory(['methods', ...argv], options);
	expect(out.includes(escape)).toBe(coloured);
	expect((await runInMemory(['nonsense', ...argv], options)).notes.includes(escape)).toBe(coloured);
});

it.each(['0.0.0.0', '::', '192.168.1.2', 'my-machine'])('serve-openai at %s needs a key or a word', async (host) => {
	const { code, notes, opened } = await runInMemory(['serve-openai', 'tiny-instruct', '--host', host, '--port', '0']);
	expect([code, opened]).toEqual([1, []]);
	expect(notes).toContain(`--host ${host}: other machines could use the model without a key.`);
	expect(notes).toMatch(/RATIONALE_API_KEY.*--without-key/su);
});

it.each([
	['a key', { RATIONALE_API_KEY: 'k' }, [], false],
	['a word, and warns', {}, ['--without-key'], true],
])('serve-openai lets other machines in with %s', async (_, environment, more, warns) => {
	const stop = new AbortController();
	let notes = '';
	const code = await runCli(['serve-openai', 'tiny-instruct', '--host', '0.0.0.0', '--port', '0', ...more], {
		environment,
		signal: stop.signal,
		stdin: (async function* () {})(),
		models: fakeSource(occupations, []),
		stdout: { write: (text: string) => text.includes('/v1') && stop.abort() },
		stderr: { write: (text: string) => (notes += text) },
	});
	expect(code).toBe(0);
	expect(notes.includes('No key is asked for')).toBe(warns);
});

// oxlint-disable-next-line no-control-regex -- controls are the subject
const obeyed = /[\0-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E]/u;
const hostileText = '\u001B[31mRED\u001B]0;title\u0007\u009B31m\u001B]8;;http://evil/\u0007\u202E\rerror: forged';

it.each([
	['a path', ['run', `/x${hostileText}.yaml`, '--out', '/x']],
	['a method', ['explain', 'x', '--method', `a${hostileText}`]],
	['a task', ['explain', 'x', '--task', `a${hostileText}`]],
	['an option', ['explain', 'x', `--a${hostileText}`]],
])('shows in an error about %s what a terminal would obey', async (_, argv) => {
	const { code, out, notes } = await runInMemory(argv);
	expect(code).toBe(1);
	expect(out + notes).not.toMatch(obeyed);
	expect(notes).toContain('\\u001b[31mRED');
});
