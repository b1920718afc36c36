/**
 * Compares WebGPU with the CPU, without a graphics card: everything an engine can be asked, on every family and with
 * every form of weights.
 *
 *     npx tsx scripts/webgpu.ts [--fetch] [--here] [MODEL...]
 *
 * A software Vulkan is taken where there is one: that of VK_DRIVER_FILES, or SwiftShader of Debian's package
 * chromium-common; `--fetch` unpacks that package into a temporary folder (needs apt-get). `--here` takes the machine's
 * own card. Prints a JSON line per model with the largest differences, relative to the largest number; the exit code is
 * 0 when all are within 1e-3, and also where there is no Vulkan: then one line says why nothing was compared.
 */
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { unknownName } from '../src/core/errors.ts';
import { deviceProblem } from '../src/engine/onnx/session.ts';
import { differencesOf, modelNames } from './webgpu/compare.ts';
import { fetchSoftwareVulkan, softwareVulkan } from './webgpu/softwareVulkan.ts';

const tolerance = 1e-3;
const folder = join(tmpdir(), 'rationale-software-vulkan');
const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: { fetch: { type: 'boolean', default: false }, here: { type: 'boolean', default: false } },
});
for (const name of positionals) if (!modelNames.includes(name)) throw unknownName('webgpu', 'model', name, modelNames);
const wanted = positionals.length > 0 ? positionals : modelNames;

if (values.here || process.env['VK_DRIVER_FILES'] !== undefined) await compareAll();
else process.exitCode = withSoftwareVulkan();

/** The loader of Vulkan reads its environment when a process starts. */
function withSoftwareVulkan(): number {
	const problem = values.fetch && softwareVulkan(folder) === null ? fetchSoftwareVulkan(folder) : null;
	const variables = softwareVulkan(folder);
	if (variables === null) {
		skip(problem ?? 'no software Vulkan is here; --fetch unpacks one, --here takes the card of this machine');
		return 0;
	}
	const own = [...process.execArgv, import.meta.filename, ...wanted];
	return spawnSync(process.execPath, own, { env: { ...process.env, ...variables }, stdio: 'inherit' }).status ?? 1;
}

async function compareAll(): Promise<void> {
	const problem = await deviceProblem('webgpu');
	if (problem !== null) return skip(problem);
	for (const model of wanted) {
		const differences = await differencesOf(model);
		const largest = Math.max(...Object.values(differences));
		const ok = largest <= tolerance;
		console.log(JSON.stringify({ model, largest, ok, differences }));
		if (!ok) process.exitCode = 1;
	}
}

function skip(reason: string): void {
	console.log(JSON.stringify({ skipped: reason }));
}
