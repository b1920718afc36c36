/**
 * The package as others get it: packed, installed into an empty project, and every example of README.md and docs/api.md run
 * there.
 *   npm run test:package
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { itemAt } from '../src/core/present.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const project = mkdtempSync(join(tmpdir(), 'package-'));
try {
	install(pack());
	const examples = ['README.md', 'docs/api.md'].flatMap(examplesOf);
	if (examples.length < 10) throw new Error(`README.md and docs/api.md have only ${examples.length} examples`);
	for (const example of examples) run(example);
	execFileSync('npx', ['--no-install', 'rationale', '--version'], { cwd: project, stdio: 'inherit' });
	console.log(`package: installed, ${examples.length} examples ran`);
} finally {
	rmSync(project, { recursive: true, force: true });
}

interface Example {
	readonly place: string;
	readonly text: string;
}

/** Returns the tarball. */
function pack(): string {
	execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
	const printed = execFileSync('npm', ['pack', '--silent', '--pack-destination', project], {
		cwd: root,
		encoding: 'utf8',
	});
	return join(project, printed.trim().split('\n').at(-1) ?? '');
}

/** The command that README.md tells. */
function install(tarball: string): void {
	writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }\n');
	const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
	execFileSync('npm', ['install', ...flags, tarball], { cwd: project, stdio: 'inherit' });
}

/** The TypeScript blocks of a document; none uses types, so that they run as they stand. */
function examplesOf(path: string): Example[] {
	const text = readFileSync(join(root, path), 'utf8');
	return [...text.matchAll(/^```ts\n(.*?)^```$/gmsu)].map((block) => ({
		place: `${path}:${text.slice(0, block.index).split('\n').length + 1}`,
		text: itemAt(block, 1),
	}));
}

function run({ place, text }: Example): void {
	const file = join(project, 'example.js');
	writeFileSync(file, text);
	try {
		const printed = execFileSync('node', [file], { cwd: project, encoding: 'utf8' });
		if (printed.trim() === '') throw new Error('it printed nothing');
	} catch (error) {
		throw new Error(`${place} fails in a project that installs the package`, { cause: error });
	}
	console.log(`${place} ran`);
}
