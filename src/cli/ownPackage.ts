/** What this package and those it needs say about themselves. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The fields of a `package.json` that are read here. */
interface PackageFile {
	readonly version: string;
	readonly dependencies?: Readonly<Record<string, string>>;
}

/** Returns the version of this package. */
export function ownVersion(): string {
	return readPackage(ownFile()).version;
}

/** Returns the installed version of each package this one needs at run time, null where it is not installed. */
export function dependencyVersions(): Record<string, string | null> {
	const names = Object.keys(readPackage(ownFile()).dependencies ?? {});
	return Object.fromEntries(names.map((name) => [name, installedVersion(name)]));
}

/** Returns what decides the numbers of a study, for its `study.yaml` and report. */
export function programVersions(): Record<string, string> {
	const engine = installedVersion('onnxruntime-node');
	return {
		'llm-rationale': ownVersion(),
		node: process.versions.node,
		...(engine === null ? {} : { 'onnxruntime-node': engine }),
	};
}

/** Looks into folders, because packages need not export their `package.json`. */
function installedVersion(name: string): string | null {
	const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
	const file = folders.map((folder) => join(folder, name, 'package.json')).find((path) => existsSync(path));
	return file === undefined ? null : readPackage(file).version;
}

function ownFile(): string {
	return fileURLToPath(new URL('../../package.json', import.meta.url));
}

/** Package managers have checked these files: they are not checked again. */
function readPackage(file: string): PackageFile {
	return JSON.parse(readFileSync(file, 'utf8')) as PackageFile;
}
