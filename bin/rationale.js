#!/usr/bin/env node
/** Starts the command line. In a checkout it first builds what is missing or older than its sources. */
import { existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

// Until the program itself listens to signals: it takes tenths of a second to load.
const early = () => fail('Stopped.', 130);
process.on('SIGINT', early).on('SIGTERM', early);

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'src');
const built = join(root, 'dist');
const entry = join(built, 'cli', 'main.js');

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
	fail(`llm-rationale needs Node.js 20.19 or newer; this is ${process.versions.node}.`, 1);
}
if (existsSync(sources) && !isFresh()) await build();
const { main } = await import(pathToFileURL(entry).href);
const running = main();
process.off('SIGINT', early).off('SIGTERM', early);
await running;

/** Returns true when `dist` was built after the last change of a source. */
function isFresh() {
	const start = statSync(entry, { throwIfNoEntry: false })?.mtimeMs ?? 0;
	return start > newestSource(sources);
}

/** Returns when the newest source was changed, in milliseconds; tests are not built. */
function newestSource(folder) {
	return readdirSync(folder, { withFileTypes: true }).reduce((newest, file) => {
		const path = join(folder, file.name);
		if (file.isDirectory()) return Math.max(newest, newestSource(path));
		return file.name.endsWith('.test.ts') ? newest : Math.max(newest, statSync(path).mtimeMs);
	}, 0);
}

/** Builds into a folder of its own and then puts it in place, so that nobody runs a half-written build. */
async function build() {
	const { spawnSync } = await import('node:child_process');
	const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
	if (!existsSync(compiler)) {
		fail('This checkout is not built, and TypeScript, which builds it, is not installed. Run: npm ci', 1);
	}
	process.stderr.write('building…\n');
	const workshop = join(root, `.build-${process.pid}`);
	const started = new Date();
	const options = ['-p', join(root, 'tsconfig.build.json'), '--outDir', join(workshop, 'dist'), '--noEmitOnError'];
	const { status, stdout } = spawnSync(process.execPath, [compiler, ...options], { cwd: root, encoding: 'utf8' });
	// Somebody else may have built at the same time.
	if (status === 0 && !isFresh()) install(workshop, started);
	rmSync(workshop, { recursive: true, force: true });
	if (status !== 0) fail(`${stdout}This checkout does not compile: mend the errors above.`, 2);
}

/** Dates the build to its start: what was changed while it ran is newer. */
function install(workshop, started) {
	utimesSync(join(workshop, 'dist', 'cli', 'main.js'), started, started);
	if (existsSync(built)) renameSync(built, join(workshop, 'previous'));
	renameSync(join(workshop, 'dist'), built);
}

function fail(message, exitCode) {
	process.stderr.write(`${message}\n`);
	process.exit(exitCode);
}
