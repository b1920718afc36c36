/** The same file in llama.cpp, by the package node-llama-cpp, which is no dependency: it is loaded from a folder that is given. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Figures, type Job, promptOf, speed } from './measureWay.ts';

/** The part of the package that is used. */
interface LlamaPackage {
	getLlama(options: object): Promise<{
		loadModel(options: object): Promise<{
			createContext(options: object): Promise<{ getSequence(): Sequence; dispose(): Promise<void> }>;
			dispose(): Promise<void>;
		}>;
		dispose(): Promise<void>;
	}>;
}

interface Sequence {
	clearHistory(): Promise<void>;
	evaluateWithoutGeneratingNewTokens(tokens: readonly number[]): Promise<void>;
	evaluate(tokens: readonly number[], options: object): AsyncGenerator<number>;
}

const writtenTokens = 32;

/** Returns the figures of llama.cpp on the CPU, with as many threads as there are cores. */
export async function measureLlama({ file, tokens, onlyReading }: Job, folder: string): Promise<Figures> {
	const entry = join(resolve(folder), 'node_modules', 'node-llama-cpp', 'dist', 'index.js');
	const { getLlama } = (await import(pathToFileURL(entry).href)) as LlamaPackage;
	const llama = await getLlama({ gpu: false, build: 'never', logLevel: 'error', maxThreads: cpus().length });
	const before = ownMemory();
	const model = await llama.loadModel({ modelPath: resolve(file) });
	const context = await model.createContext({ contextSize: 2 * tokens, batchSize: tokens, threads: cpus().length });
	const sequence = context.getSequence();
	try {
		const read = await speed(async (seed) => {
			await sequence.clearHistory();
			await sequence.evaluateWithoutGeneratingNewTokens(promptOf(tokens, seed));
			return tokens;
		});
		const after = ownMemory();
		const figures = {
			read: read.clock,
			readProcessor: read.processor,
			anonymousMb: after.anonymous - before.anonymous,
			mappedMb: after.mapped - before.mapped,
		};
		if (onlyReading) return figures;
		const written = await speed(async (seed) => {
			await sequence.clearHistory();
			return writeTokens(sequence, promptOf(8, seed));
		});
		return { ...figures, written: written.clock, writtenProcessor: written.processor };
	} finally {
		await context.dispose();
		await model.dispose();
		await llama.dispose();
	}
}

async function writeTokens(sequence: Sequence, prompt: readonly number[]): Promise<number> {
	let written = 0;
	for await (const _ of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true }))
		if (++written === writtenTokens) break;
	return written;
}

function ownMemory(): { readonly anonymous: number; readonly mapped: number } {
	const status = readFileSync('/proc/self/status', 'utf8');
	const of = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? NaN) / 1024;
	return { anonymous: of('RssAnon'), mapped: of('RssFile') };
}
