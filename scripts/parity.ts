/**
 * Compares our engine with fixture folders made by PyTorch and transformers (fixtures/README.md) and prints one line of
 * JSON for each: {"folder", "max_abs_diff": {key: number}, "ok"}, or "error" where the folder was refused. Exit code 0
 * when every key of every folder agrees.
 *
 *     npx tsx scripts/parity.ts fixtures/llama3 fixtures/gpt2
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../src/core/errors.ts';
import { compareAttribution } from './parity/attribution.ts';
import type { Difference } from './parity/difference.ts';
import { comparePasses } from './parity/passes.ts';
import { compareTraining } from './parity/training.ts';

const folders = process.argv.slice(2);
const isFixture = (folder: string): boolean => existsSync(join(folder, 'expected.safetensors'));
const wrong = folders.find((folder) => !isFixture(folder));
if (folders.length === 0 || wrong !== undefined) {
	console.error(`parity: give folders with expected.safetensors; got ${wrong ?? 'nothing'}.`);
	process.exit(1);
}
for (const folder of folders) {
	try {
		report(folder, await differencesOf(folder));
	} catch (error) {
		console.log(JSON.stringify({ folder, max_abs_diff: {}, ok: false, error: messageOf(error) }));
		process.exitCode = 1;
	}
}

async function differencesOf(folder: string): Promise<Difference[]> {
	const isTraining = !existsSync(join(folder, 'config.json'));
	if (isTraining) return await compareTraining(folder);
	return [...(await comparePasses(folder)), ...(await compareAttribution(folder))];
}

function report(folder: string, differences: readonly Difference[]): void {
	const ok = differences.every(({ difference, tolerance }) => difference <= tolerance);
	const table = Object.fromEntries(differences.map(({ key, difference }) => [key, difference]));
	console.log(JSON.stringify({ folder, max_abs_diff: table, ok }));
	if (!ok) process.exitCode = 1;
}
