/** A Vulkan that computes on the processor: slow, but it needs no card. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Where Debian's chromium-common puts SwiftShader, below the root it is unpacked to. */
const chromium = 'usr/lib/chromium';
const driverFile = 'vk_swiftshader_icd.json';

/** Returns the variables under which a process finds the SwiftShader that is installed or in `folder`; null without one. */
export function softwareVulkan(folder: string): Record<string, string> | null {
	const root = ['/', folder].find((place) => existsSync(join(place, chromium, driverFile)));
	if (root === undefined) return null;
	const driver = join(root, chromium, driverFile);
	const loader = join(folder, 'loader');
	const library = join(loader, 'libvulkan.so.1');
	mkdirSync(loader, { recursive: true });
	if (!existsSync(library)) symlinkSync(join(root, chromium, 'libvulkan.so.1'), library);
	return { VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: loader, XDG_RUNTIME_DIR: folder };
}

/** Unpacks Debian's chromium-common (32 MB) into a folder; nothing is installed. Returns why that did not work, or null. */
export function fetchSoftwareVulkan(folder: string): string | null {
	mkdirSync(folder, { recursive: true });
	const problem = run('apt-get', ['download', 'chromium-common'], folder);
	if (problem !== null) return problem;
	const archive = readdirSync(folder).find((name) => name.startsWith('chromium-common_'));
	return archive === undefined ? 'apt-get downloaded nothing' : run('dpkg', ['-x', archive, '.'], folder);
}

function run(command: string, values: readonly string[], cwd: string): string | null {
	const { error, status, stderr } = spawnSync(command, values, { cwd, encoding: 'utf8' });
	if (error !== undefined) return `${command}: ${error.message}`;
	return status === 0 ? null : `${command}: ${stderr.trim()}`;
}
