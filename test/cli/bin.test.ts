/** The program as it is started from a shell; it builds itself when needed. */
import { spawn, spawnSync } from 'node:child_process';
import { beforeAll, expect, it } from 'vitest';

/** A build takes seconds on a free machine, and far longer on a busy one; in milliseconds. */
const buildLimit = 120_000;

beforeAll(() => {
	const { status, stderr } = spawnSync(process.execPath, ['bin/rationale.js', '--version'], { encoding: 'utf8' });
	if (status !== 0) throw new Error(stderr);
}, buildLimit);

/** Lists on standard error which native libraries the process has loaded by its end. */
const watch =
	'data:text/javascript,process.on("exit",()=>process.stderr.write(process.report.getReport().sharedObjects.join("\\n")))';

it.each([
	['--help', 'Usage: rationale'],
	['methods', 'integrated_gradients'],
])('%s needs neither the engine nor the tokenizers', (command, said) => {
	const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', watch, 'bin/rationale.js', command], {
		encoding: 'utf8',
	});
	expect(status).toBe(0);
	expect(stdout).toContain(said);
	expect(stderr).toContain('libc');
	expect(stderr).not.toMatch(/onnxruntime|tokenizers/u);
});

it('ends quietly when nobody reads on', () => {
	const { stderr, stdout } = spawnSync(
		'sh',
		['-c', `"${process.execPath}" bin/rationale.js methods --json | head -n 1`],
		{
			encoding: 'utf8',
		},
	);
	expect([stdout, stderr]).toEqual(['[\n', '']);
});

it.each(['SIGINT', 'SIGTERM'] as const)('ends with 130 on %s', async (signal) => {
	const child = spawn(process.execPath, ['bin/rationale.js', 'explain', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
	let notes = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => (notes += text));
	const ended = new Promise((resolve) => child.once('exit', resolve));
	// More than a pipe holds: once it is written, the program reads.
	await new Promise((resolve) => child.stdin.write('word '.repeat(100_000), resolve));
	child.kill(signal);
	expect(await ended).toBe(130);
	expect(notes).toContain('Stopped.');
});

/** Sends the signal as soon as anything listens to it. */
const signalAtOnce = `data:text/javascript,const%20look=setInterval(()=>{
	if(process.listenerCount("SIGTERM")>0){clearInterval(look);process.kill(process.pid,"SIGTERM")}},0)`.replaceAll(
	/\s/gu,
	'',
);

it('ends with 130 on a signal that comes while it still loads', () => {
	const argv = ['--import', signalAtOnce, 'bin/rationale.js', 'explain', 'A text.'];
	const { status, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
	expect([status, stderr]).toEqual([130, 'Stopped.\n']);
});

it('ends with 130 however often it is told to while it winds up', async () => {
	const child = spawn(process.execPath, ['bin/rationale.js', 'explain', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
	const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
	const insist = (): void => {
		if (child.kill('SIGINT')) setImmediate(insist);
	};
	child.stderr.setEncoding('utf8').on('data', (text: string) => text.includes('Stopped.') && insist());
	await new Promise((resolve) => child.stdin.write('word '.repeat(100_000), resolve));
	child.kill('SIGINT');
	expect(await ended).toBe(130);
});
