/** One way of the engine, in a process of its own that is ended afterwards. */
import { readFileSync } from 'node:fs';
import { itemAt } from '../../src/core/present.ts';
import { defaultSettings } from '../../src/llm/engineSettings.ts';
import type { LanguageModel, TokenIds } from '../../src/llm/languageModel.ts';
import { openLocalModel } from '../../src/llm/localModel.ts';
import { childrenOf, processorSeconds } from '../mainJob/machine.ts';
import type { Way } from './ways.ts';

export interface Job {
	readonly file: string;
	/** Of each prompt. */
	readonly tokens: number;
	readonly cacheFolder: string | undefined;
	/** Neither gradients nor writing. */
	readonly onlyReading: boolean;
}

/** Tokens per second by the clock and per second of processor time, and MB. */
export interface Figures {
	readonly read: number;
	readonly readProcessor: number;
	readonly gradient?: number;
	readonly gradientProcessor?: number;
	readonly written?: number;
	readonly writtenProcessor?: number;
	/** Of the engine's process after reading alone: own memory, and pages of mapped files. */
	readonly anonymousMb?: number;
	readonly mappedMb?: number;
}

const writtenTokens = 32;
/** What many prompts begin with is read exactly; these share nothing. */
const promptsAtOnce = 4;

/** Returns the figures of a way. The first run of each kind compiles its graph and is not counted. */
export async function measureWay({ file, tokens, cacheFolder, onlyReading }: Job, way: Way): Promise<Figures> {
	const settings = { ...defaultSettings, ...way, device: 'cpu' as const, ...(cacheFolder && { cacheFolder }) };
	const model = await openLocalModel(file, { folder: file, adapter: null }, settings);
	try {
		const precision = way.perturbationWeights === 'same' ? 'full' : 'reduced';
		const read = await speed(async (seed) => {
			const prompts = Array.from({ length: promptsAtOnce }, (_, i) => promptOf(tokens, seed * promptsAtOnce + i));
			await model.scoreLabels(prompts, [[11], [12]], { precision });
			return tokens * promptsAtOnce;
		});
		const figures = { read: read.clock, readProcessor: read.processor, ...engineMemory() };
		if (onlyReading) return figures;
		const gradient = await speed(async (seed) => {
			await attribute(model, promptOf(tokens, seed));
			return tokens;
		});
		const written = await speed(async (seed) => {
			const answers = await model.generate([promptOf(8, seed)], { maxNewTokens: writtenTokens });
			return itemAt(answers, 0).ids.length;
		});
		return {
			...figures,
			gradient: gradient.clock,
			gradientProcessor: gradient.processor,
			written: written.clock,
			writtenProcessor: written.processor,
		};
	} finally {
		await model.close();
	}
}

async function attribute(model: LanguageModel, prompt: TokenIds): Promise<unknown> {
	return model.attribute([prompt], [{ tokens: [11, 12], weights: [1, -1] }], ['gradientXInput.dot'], {
		explainedFrom: [0],
	});
}

/** Returns a prompt that begins with a token of its own. */
export function promptOf(tokens: number, seed: number): TokenIds {
	return Array.from({ length: tokens }, (_, i) => 100 + ((seed * 7919 + i * 104_729 + i * i) % 30_000));
}

/** Runs that are timed together. */
const repeats = 2;

/** Returns tokens per second of work that says how many it did. */
export async function speed(
	work: (seed: number) => Promise<number>,
): Promise<{ readonly clock: number; readonly processor: number }> {
	await work(0);
	const [start, used] = [performance.now(), processorSeconds() ?? NaN];
	let done = 0;
	for (let seed = 1; seed <= repeats; seed++) done += await work(seed);
	return {
		clock: done / ((performance.now() - start) / 1000),
		processor: done / ((processorSeconds() ?? NaN) - used),
	};
}

function engineMemory(): Pick<Figures, 'anonymousMb' | 'mappedMb'> {
	const sizes = childrenOf(process.pid).map((pid) => {
		const status = readFileSync(`/proc/${pid}/status`, 'utf8');
		const of = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? NaN) / 1024;
		return [of('RssAnon'), of('RssFile')] as const;
	});
	const [anonymousMb, mappedMb] = sizes.toSorted(([a, x], [b, y]) => b + y - a - x)[0] ?? [NaN, NaN];
	return { anonymousMb, mappedMb };
}
