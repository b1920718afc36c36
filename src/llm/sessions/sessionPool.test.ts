/** All forms of a graph give the same; those that need less take over where memory is short. */
import { expect, it } from 'vitest';
import { UserError } from '../../core/errors.ts';
import { peakBytes } from '../../engine/graph/memory.ts';
import type { Node } from '../../engine/graph/node.ts';
import type { Session } from '../../engine/onnx/session.ts';
import type { MemoryPlan } from '../engineSettings.ts';
import type { PassOutput, TokenIds } from '../languageModel.ts';
import { generate, stepGraph } from '../generation/generator.ts';
import type { DecoderSizes } from '../models/decoder.ts';
import { type LoadedDecoder, loadDecoder } from '../models/loadDecoder.ts';
import { attributionGraph } from '../attribution/attributionGraph.ts';
import { floatsOf, idGrid, promptFeeds, targetFeeds } from '../graphs/feeds.ts';
import { type GraphForm, graphForms, type GraphMaker } from '../graphs/graphForm.ts';
import { emptyCache } from '../prefix/keyValueCache.ts';
import { readGraph, targetGraph } from '../graphs/forwardGraphs.ts';
import { activationBytes, fileBytes, planMemory, storedAs, weightBytes, requireBase } from './memoryPlan.ts';
import { pathGraph } from '../attribution/pathGraphs.ts';
import { createSessionPool } from './sessionPool.ts';

const outputs: readonly PassOutput[] = ['attention', 'gradientXInput.dot', 'attnLrp', 'cpLrp'];
const prompts = [
	[5, 9, 17, 3, 8, 21, 4],
	[7, 2, 30, 11, 6, 19, 40],
];
const targets = prompts.map(() => ({ tokens: [5, 9], weights: [1, -1] }));
const longNames = new Map(Object.entries({ B: 2, T: 320, J: 4, P: 0, S: 320 }));

function feedsFor(sizes: DecoderSizes, prompts: readonly TokenIds[]) {
	const alphas = { data: Float32Array.of(0.3, 1), sizes: [2] };
	const references = idGrid(prompts.map((prompt) => prompt.map(() => 1)));
	return {
		...promptFeeds(prompts),
		...targetFeeds(targets, sizes.vocabulary),
		...emptyCache(sizes).feeds,
		alphas,
		references,
	};
}

function poolOf(
	folder: string,
	available: (loaded: ReturnType<typeof loadDecoder>) => number,
	texts: readonly TokenIds[] = prompts,
) {
	const loaded = loadDecoder(`fixtures/${folder}`);
	const pool = createSessionPool({ loaded, prepack: false, available: available(loaded) });
	return { ...loaded, pool, feeds: feedsFor(loaded.decoder.sizes, texts) };
}

it.each(['gemma2', 'llama3_bf16_sharded'])('%s: all forms of a graph give the same numbers', async (folder) => {
	const { pool, decoder, feeds } = poolOf(folder, () => Infinity);
	const inAllForms = (name: string, maker: GraphMaker): Promise<Session<string>>[] =>
		graphForms.map((form) => pool.session(`${name} ${form}`, () => maker(form)));
	for (const graphs of [
		inAllForms('passes', (form) => attributionGraph(decoder, outputs, undefined, form)),
		inAllForms('whole heads', (form) => attributionGraph(decoder, ['gradientAttention'], undefined, form)),
		inAllForms('path', (form) => pathGraph(decoder, form)),
	]) {
		const [plain = {}, ...others] = await Promise.all(graphs.map(async (graph) => (await graph).run(feeds)));
		for (const other of others) {
			for (const name of Object.keys(plain)) expectNear(floatsOf(other, name), floatsOf(plain, name));
		}
	}
});

const longPrompts = [0, 1].map((row) => Array.from({ length: 300 }, (_, i) => (7 * i + row) % 50));

/** Returns what a run over the long prompts needs that is fed with so many bytes. */
function bytesOf(graph: Readonly<Record<string, Node>>, fed: number): number {
	const stored = storedAs(graph, false, new Map());
	return activationBytes(stored, longNames) + weightBytes(stored, false) + fed;
}

function neededBy({ decoder }: ReturnType<typeof loadDecoder>, form: GraphForm): number {
	const fed = ['ids', 'positions', 'keyPositions'].length * 2 * 300 * 8 + 2 * 8 + 4 * (8 + 4);
	return bytesOf(attributionGraph(decoder, ['gradientXInput.dot'], undefined, form), fed);
}

it('takes the first form that fits, and refuses what fits in no form', async () => {
	const run = async (available: (loaded: ReturnType<typeof loadDecoder>) => number): Promise<GraphForm | undefined> => {
		const { pool, decoder, feeds } = poolOf('llama3', available, longPrompts);
		let last: GraphForm | undefined;
		const session = await pool.session('passes', (form) =>
			attributionGraph(decoder, ['gradientXInput.dot'], undefined, (last = form)),
		);
		await session.run(feeds);
		return last;
	};
	for (const form of graphForms) expect(await run((loaded) => neededBy(loaded, form))).toBe(form);
	await expect(run((loaded) => neededBy(loaded, 'checkpointed') - 1)).rejects.toThrow(UserError);
});

it('closes the sessions used longest ago where all do not fit together, and gives the same results after', async () => {
	const { pool, decoder, feeds } = poolOf(
		'llama3',
		(loaded) => 2.5 * bytesOf(targetGraph(loaded.decoder), 0),
		longPrompts,
	);
	const session = (name: string) => pool.session(name, () => targetGraph(decoder));
	const [a, b, c] = await Promise.all(['a', 'b', 'c'].map(session));
	const before = await a?.run(feeds);
	await b?.run(feeds);
	expect(pool.opened()).toEqual(['a', 'b']);
	await a?.run(feeds);
	await c?.run(feeds);
	expect(pool.opened()).toEqual(['a', 'c']);
	await b?.run(feeds);
	expect(pool.opened()).toEqual(['c', 'b']);
	const [, again] = await Promise.all([c?.run(feeds), a?.run(feeds)]);
	expect(pool.opened()).toEqual(['c', 'a']);
	expect(again).toEqual(before);
});

it('counts the weights once for each session that maps them, and the keys and values that a run is fed with', async () => {
	const loaded = loadDecoder('fixtures/llama3');
	const read = storedAs(readGraph(loaded.decoder), false, loaded.quantised);
	expect(weightBytes(read, false)).toBe(fileBytes(loaded));
	const run = async (available: number, cached: number): Promise<unknown> => {
		const pool = createSessionPool({ loaded, prepack: false, available });
		const session = await pool.session('generate', () => stepGraph(loaded.decoder));
		const prompt = Array.from({ length: cached }, (_, i) => i % 50);
		const generator = { session, decoder: loaded.decoder, endTokens: [] };
		return generate(generator, [{ prompt, number: 0 }], emptyCache(loaded.decoder.sizes), { maxNewTokens: 2 });
	};
	const step = storedAs(stepGraph(loaded.decoder), false, loaded.quantised);
	const [T, P] = [1, 1536];
	const second = new Map(Object.entries({ B: 1, T, P, S: P + 128 }));
	const { layers, keyValueHeads, headWidth } = loaded.decoder.sizes;
	const cache = 2 * layers * keyValueHeads * headWidth * P * 4;
	const first = new Map(Object.entries({ B: 1, T: P, P: 0, S: P }));
	const needed =
		Math.max(activationBytes(step, first), activationBytes(step, second) + cache) + weightBytes(step, false);
	await expect(run(1.01 * needed, P)).resolves.toHaveLength(1);
	await expect(run(0.99 * needed, P)).rejects.toThrow('--memory');
});

it('the checkpointed form needs less than the weights of all heads more than once, where texts are long', () => {
	const { decoder } = loadDecoder('fixtures/llama3');
	const [tokens, heads, parts] = [3000, decoder.sizes.heads, 2];
	const sizes = new Map(Object.entries({ B: 1, T: tokens, J: 1, P: 0, S: tokens }));
	const graph = attributionGraph(decoder, ['gradientXInput.dot'], undefined, 'checkpointed');
	const weightsOfAllHeads = heads * tokens * tokens * 4;
	// The block's own weights, three values of their size for one part, and the mask.
	const attention = weightsOfAllHeads * (1 + 3 / parts) + tokens * tokens * 4;
	expect(peakBytes(Object.values(graph), sizes)).toBeLessThan(1.1 * attention);
});

function planFor(loaded: LoadedDecoder, budget: number, beside = 0): MemoryPlan {
	const { decoder } = loaded;
	const gradient: GraphMaker = (form) => attributionGraph(decoder, ['gradientXInput.dot'], undefined, form);
	return planMemory(
		loaded,
		{ forward: readGraph(decoder), gradient },
		{ prepack: false, budget, beside, mostTokens: 2048 },
	);
}

it('plans fewer tokens for a smaller budget, and says what is missing when nothing fits', () => {
	const loaded = loadDecoder('fixtures/llama3');
	const plenty = planFor(loaded, Infinity);
	expect(plenty).toMatchObject({ maxTokens: 2048, recompute: false });
	const smaller = planFor(loaded, 0.99 * plenty.total);
	expect(smaller).toMatchObject({ maxTokens: 1024, recompute: false });
	expect(smaller.total).toBeLessThanOrEqual(smaller.budget);
	expect(() => planFor(loaded, 1e6)).toThrow('--memory');
});

it('leaves room for what other processes take of the budget', () => {
	const loaded = loadDecoder('fixtures/llama3');
	const { total, base } = planFor(loaded, Infinity);
	expect(planFor(loaded, Infinity, 1e9)).toMatchObject({ total: total + 1e9, base: base + 1e9 });
	expect(planFor(loaded, total, 1e6).maxTokens).toBeLessThan(2048);
	expect(() => planFor(loaded, total, total)).toThrow(/memory/u);
	expect(() => requireBase('m', base, 0)).toThrow(/^m: the program, its engine and the tokenizer alone need 0\.31 GB/u);
	expect(() => requireBase('m', base + 1, 0)).not.toThrow();
});

it('plans for predictions and gradients together, or for either alone where memory is too small for both', () => {
	const loaded = loadDecoder('fixtures/llama3');
	const [roomy, tight] = [1e9, 370e6].map((budget) => planFor(loaded, budget));
	expect(roomy?.weights).toBe(2 * fileBytes(loaded));
	expect(tight?.weights).toBe(fileBytes(loaded));
	expect(tight?.total).toBeLessThanOrEqual(370e6);
});

function expectNear(actual: Float32Array, expected: Float32Array): void {
	const scale = Math.max(...expected.map(Math.abs));
	for (const [i, value] of expected.entries()) {
		expect(Math.abs((actual[i] as number) - value)).toBeLessThan(1e-4 * scale);
	}
}
