/** Feeds damaged files to the readers of model folders: each must be refused with a clear message, or read. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, UserError } from '../../src/core/errors.ts';
import { type Random, seededRandom } from '../../src/core/random.ts';
import { loadDecoder } from '../../src/llm/models/loadDecoder.ts';
import { readGgufHeader } from '../../src/llm/weights/gguf/header.ts';
import { readSafetensorsHeader } from '../../src/llm/weights/safetensors.ts';
import { mutateGguf, mutateJson, mutateSafetensors } from './mutations.ts';

export interface FuzzResult {
	readonly refused: number;
	/** Read without complaint: the change did no harm. */
	readonly accepted: number;
	/** What went wrong: another error than `UserError`, a message without the file's name, or more than `patience` ms of processor time. */
	readonly failures: readonly string[];
	/** Longest processor time of one file, in ms: that of the clock is also other programs'. */
	readonly slowest: number;
}

const patience = 2000;

/** Damages the headers of the weights of a model folder. */
export function fuzzSafetensors(folder: string, count: number, seed: number): FuzzResult {
	const file = readFileSync(join(folder, 'model.safetensors'));
	const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
	// The data are not looked at: a short stretch of zeros of the right length would do, and is quicker to write.
	const small = shortened(new Uint8Array(file.subarray(0, 8 + length)));
	return fuzz(count, seed, 'model.safetensors', (target, random) => {
		writeFileSync(target, mutateSafetensors(small, random));
		return () => readSafetensorsHeader(target);
	});
}

/** Damages the config of a model folder, whose weights stay as they are. */
export function fuzzConfig(folder: string, count: number, seed: number): FuzzResult {
	const config = readFileSync(join(folder, 'config.json'), 'utf8');
	return fuzz(count, seed, 'config.json', (target, random, scratch) => {
		copyFileSync(join(folder, 'model.safetensors'), join(scratch, 'model.safetensors'));
		writeFileSync(target, mutateJson(config, random));
		return () => loadDecoder(scratch);
	});
}

/** Damages the head of a GGUF file, which is then opened as a model. */
export function fuzzGguf(file: string, count: number, seed: number): FuzzResult {
	const bytes = readFileSync(file);
	const { dataStart } = readGgufHeader(file);
	return fuzz(count, seed, 'model.gguf', (target, random) => {
		writeFileSync(target, mutateGguf(bytes, dataStart, random));
		return () => loadDecoder(target);
	});
}

function fuzz(
	count: number,
	seed: number,
	name: string,
	prepare: (target: string, random: Random, scratch: string) => () => unknown,
): FuzzResult {
	const scratch = mkdtempSync(join(tmpdir(), 'fuzz-'));
	const target = join(scratch, name);
	const result = { refused: 0, accepted: 0, failures: [] as string[], slowest: 0 };
	try {
		for (let i = 0; i < count; i++) {
			const read = prepare(target, seededRandom(seed, name, i), scratch);
			const started = process.cpuUsage();
			try {
				read();
				result.accepted += 1;
			} catch (error) {
				result.refused += 1;
				const isClear = error instanceof UserError && error.message.includes(scratch);
				if (!isClear) result.failures.push(`case ${i} of seed ${seed}: ${messageOf(error)}`);
			}
			const { user, system } = process.cpuUsage(started);
			const taken = (user + system) / 1000;
			result.slowest = Math.max(result.slowest, taken);
			if (taken > patience) result.failures.push(`case ${i} of seed ${seed}: took ${Math.round(taken)} ms of processor time`);
		}
	} finally {
		rmSync(scratch, { recursive: true });
	}
	return result;
}

/** Returns a file of the first four tensors of a header, with their data. */
function shortened(head: Uint8Array): Uint8Array {
	const header = JSON.parse(new TextDecoder().decode(head.subarray(8))) as Record<string, { data_offsets: number[] }>;
	const byPlace = Object.entries(header)
		.filter(([key]) => key !== '__metadata__')
		.sort(([, a], [, b]) => Number(a.data_offsets[0]) - Number(b.data_offsets[0]))
		.slice(0, 4);
	const bytes = Number(byPlace.at(-1)?.[1].data_offsets[1]);
	const text = new TextEncoder().encode(
		JSON.stringify({ ['__metadata__']: { format: 'pt' }, ...Object.fromEntries(byPlace) }),
	);
	const file = new Uint8Array(8 + text.length + bytes);
	new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
	file.set(text, 8);
	return file;
}
