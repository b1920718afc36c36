/**
 * Compares our engine with a fixture folder made by PyTorch and transformers (fixtures/README.md) and prints one line
 * of JSON: {"folder", "max_abs_diff": {key: number}, "ok"}. Exit code 0 when every key agrees.
 *
 *     npx tsx scripts/parity.ts fixtures/llama3
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { compareAttribution } from './parity/attribution.ts';
import { comparePasses } from './parity/passes.ts';
import { compareTraining } from './parity/training.ts';

const folder = process.argv[2];
if (folder === undefined || !existsSync(join(folder, 'expected.safetensors'))) {
	console.error(`parity: give a folder with expected.safetensors; got ${folder ?? 'nothing'}.`);
	process.exit(1);
}
const isTraining = !existsSync(join(folder, 'config.json'));
const differences = isTraining
	? await compareTraining(folder)
	: [...(await comparePasses(folder)), ...(await compareAttribution(folder))];
const ok = differences.every(({ difference, tolerance }) => difference <= tolerance);
const table = Object.fromEntries(differences.map(({ key, difference }) => [key, difference]));
console.log(JSON.stringify({ folder, max_abs_diff: table, ok }));
process.exitCode = ok ? 0 : 1;
