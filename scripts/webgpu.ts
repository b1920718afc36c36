/**
 * Compares WebGPU with the CPU on the fixtures, without a graphics card: `npx tsx scripts/webgpu.ts [FAMILY...]`. A software
 * Vulkan is found by VK_DRIVER_FILES, or is the one that comes with Debian's package chromium-common (SwiftShader). Prints a
 * JSON line per family with the largest difference, relative to the largest number; the exit code is 0 when all are within
 * 1e-3, and also where there is no Vulkan: then one line says why nothing was compared.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../src/core/errors.ts';
import { type Device, requireDevice } from '../src/engine/onnx/session.ts';
import { createEngine } from '../src/llm/host/decoderEngine.ts';
import type { PassOutput } from '../src/llm/languageModel.ts';

const chromium = '/usr/lib/chromium';
const driver = join(chromium, 'vk_swiftshader_icd.json');
const outputs: readonly PassOutput[] = ['attention', 'gradient.l2', 'gradientXInput.dot', 'attnLrp'];
const prompts = [
	[5, 9, 17, 3, 8, 21, 4],
	[7, 2, 30, 11, 6],
];
const targets = prompts.map(() => ({ tokens: [5, 9], weights: [1, -1] }));
const tolerance = 1e-3;
const families = process.argv.slice(2);

if (process.env['VK_DRIVER_FILES'] === undefined && existsSync(driver)) process.exitCode = againWithDriver();
else await compareAll(families.length > 0 ? families : ['llama2', 'gemma2', 'qwen2', 'phi3', 'gpt2']);

/** The loader reads its environment when a process starts. */
function againWithDriver(): number {
	const loader = mkdtempSync(join(tmpdir(), 'vulkan-'));
	symlinkSync(join(chromium, 'libvulkan.so.1'), join(loader, 'libvulkan.so.1'));
	const env = { ...process.env, VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: loader };
	const own = [...process.execArgv, import.meta.filename, ...families];
	return spawnSync(process.execPath, own, { env, stdio: 'inherit' }).status ?? 1;
}

async function compareAll(names: readonly string[]): Promise<void> {
	try {
		await requireDevice('webgpu');
	} catch (error) {
		console.log(JSON.stringify({ skipped: messageOf(error) }));
		return;
	}
	for (const name of names) {
		const [cpu, gpu] = [await numbersOn('cpu', name), await numbersOn('webgpu', name)];
		const differences = Object.fromEntries(
			Object.entries(cpu).map(([key, values]) => [key, difference(values, gpu[key] ?? [])]),
		);
		const ok = Object.values(differences).every((value) => value <= tolerance);
		console.log(JSON.stringify({ family: name, differences, ok }));
		if (!ok) process.exitCode = 1;
	}
}

async function numbersOn(device: Device, family: string): Promise<Record<string, number[]>> {
	const engine = createEngine({ folder: `fixtures/${family}`, endTokens: [], maxTokens: 64, prepack: false, device });
	const scores = await engine.scoreLabels(prompts, [[5], [9], [17]]);
	const passes = await engine.attribute(prompts, targets, outputs);
	const generated = await engine.generate(prompts, { maxNewTokens: 4 });
	return {
		labels: scores.flatMap(({ logProbabilities }) => [...logProbabilities]),
		...Object.fromEntries(outputs.map((output) => [output, passes.flatMap((pass) => [...(pass[output] ?? [])])])),
		generated: generated.flatMap(({ ids }) => [...ids]),
	};
}

function difference(expected: readonly number[], actual: readonly number[]): number {
	if (expected.length !== actual.length) return Infinity;
	const scale = Math.max(...expected.map(Math.abs));
	return Math.max(...expected.map((value, i) => Math.abs(value - (actual[i] as number)))) / scale;
}
