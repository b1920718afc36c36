/**
 * Reads damaged copies of the fixtures' weights, configs and a GGUF file: `npx tsx scripts/fuzzReaders.ts [HEADERS] [CONFIGS] [SEED]`,
 * by default 100,000 (of each of the two formats) and 20,000. Prints one JSON line per kind; the exit code is 0 when every file was read or refused with
 * a clear message, and none took longer than two seconds of processor time.
 */
import { fuzzConfig, fuzzGguf, fuzzSafetensors } from '../test/support/fuzzReaders.ts';

const [headers = 100_000, configs = 20_000, seed = 1] = process.argv.slice(2).map(Number);
const families = [
	'llama2',
	'llama3',
	'mistral',
	'ministral3',
	'qwen2',
	'qwen3',
	'smollm3',
	'phi3',
	'gemma',
	'gemma2',
	'gemma3',
	'olmo2',
	'olmo3',
	'granite',
	'granitemoehybrid',
	'gpt2',
	'gpt_neo',
	'gpt_neox',
	'phi',
	'gemma3_wrapper',
	'qwen3_moe',
	'mixtral',
];
report('gguf', 'llama', fuzzGguf('fixtures/gguf/models/llama.gguf', headers, seed));
for (const family of families) {
	const folder = `fixtures/${family}`;
	report('weights', family, fuzzSafetensors(folder, Math.ceil(headers / families.length), seed));
	report('config', family, fuzzConfig(folder, Math.ceil(configs / families.length), seed));
}

function report(kind: string, family: string, { failures, ...counts }: ReturnType<typeof fuzzConfig>): void {
	console.log(JSON.stringify({ kind, family, ...counts, failures: failures.slice(0, 5) }));
	if (failures.length > 0) process.exitCode = 1;
}
