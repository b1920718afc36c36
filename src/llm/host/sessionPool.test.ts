/** Lean graphs give what plain ones give, and take their place where memory is short. */
import { expect, it } from 'vitest';
import { UserError } from '../../core/errors.ts';
import type { Session } from '../../engine/onnx/session.ts';
import type { PassOutput } from '../languageModel.ts';
import type { DecoderSizes } from '../models/decoder.ts';
import { loadDecoder } from '../models/loadDecoder.ts';
import { attributionGraph } from './attributionGraph.ts';
import { floatsOf, idGrid, promptFeeds, targetFeeds } from './feeds.ts';
import { nothingKept } from './keptTokens.ts';
import { activationBytes, planMemory, storedAs } from './memoryPlan.ts';
import { pathGraph } from './pathGraphs.ts';
import { createSessionPool } from './sessionPool.ts';

const outputs: readonly PassOutput[] = ['gradientXInput.dot', 'gradientAttention', 'attnLrp'];
const prompts = [
	[5, 9, 17, 3, 8, 21, 4],
	[7, 2, 30, 11, 6, 19, 40],
];
const targets = prompts.map(() => ({ tokens: [5, 9], weights: [1, -1] }));
const names = new Map(Object.entries({ B: 2, T: 7, J: 4, P: 0, S: 7 }));

function feedsFor(sizes: DecoderSizes) {
	const shares = { data: Float32Array.of(0.3, 1), sizes: [2] };
	const references = idGrid(prompts.map((prompt) => prompt.map(() => 1)));
	return {
		...promptFeeds(prompts),
		...targetFeeds(targets, sizes.vocabulary),
		...nothingKept(sizes).feeds,
		shares,
		references,
	};
}

function poolOf(folder: string, available: (loaded: ReturnType<typeof loadDecoder>) => number) {
	const loaded = loadDecoder(`fixtures/${folder}`);
	const pool = createSessionPool({ loaded, prepack: false, available: available(loaded) });
	return { ...loaded, pool, feeds: feedsFor(loaded.decoder.sizes) };
}

it.each(['gemma2', 'llama3_bf16_sharded'])('%s: blocks computed again give the same numbers', async (folder) => {
	const { pool, decoder, feeds } = poolOf(folder, () => Infinity);
	const both = (name: string, make: (lean: boolean) => Parameters<typeof storedAs>[0]): Promise<Session<string>>[] =>
		[false, true].map((lean) => pool.session(`${name} ${lean}`, () => ({ ...make(lean) })));
	for (const graphs of [
		both('passes', (lean) => attributionGraph(decoder, outputs, undefined, lean)),
		both('path', (lean) => pathGraph(decoder, lean)),
	]) {
		const [plain, lean] = await Promise.all(graphs.map(async (graph) => (await graph).run(feeds)));
		for (const name of Object.keys(plain ?? {})) expectNear(floatsOf(lean ?? {}, name), floatsOf(plain ?? {}, name));
	}
});

it('takes the lean form where the plain one does not fit, and refuses what fits in no form', async () => {
	const bytes = ({ decoder }: ReturnType<typeof loadDecoder>, lean: boolean): number =>
		activationBytes(storedAs(attributionGraph(decoder, outputs, undefined, lean), false, new Map()), names);
	const taken: boolean[] = [];
	const run = async (available: (loaded: ReturnType<typeof loadDecoder>) => number): Promise<unknown> => {
		const { pool, decoder, feeds } = poolOf('llama3', available);
		const session = await pool.session('passes', (lean) => {
			taken.push(lean);
			return attributionGraph(decoder, outputs, undefined, lean);
		});
		return session.run(feeds);
	};
	await run((loaded) => bytes(loaded, false));
	expect(taken.splice(0)).toEqual([false]);
	await run((loaded) => (bytes(loaded, true) + bytes(loaded, false)) / 2);
	expect(taken.splice(0)).toEqual([false, true]);
	await expect(run((loaded) => bytes(loaded, true) / 2)).rejects.toThrow(UserError);
});

it('plans fewer tokens for a smaller budget, and says what is missing when nothing fits', () => {
	const loaded = loadDecoder('fixtures/llama3');
	const plenty = planMemory(loaded, false, Infinity, 2048);
	expect(plenty).toMatchObject({ maxTokens: 2048, recompute: false });
	const recomputing = planMemory(loaded, false, 0.99 * plenty.total, 2048);
	expect(recomputing).toMatchObject({ maxTokens: 2048, recompute: true });
	const smaller = planMemory(loaded, false, 0.99 * recomputing.total, 2048);
	expect(smaller.maxTokens).toBeLessThan(2048);
	expect(smaller.total).toBeLessThanOrEqual(smaller.budget);
	expect(() => planMemory(loaded, false, 1e6, 2048)).toThrow('--memory');
});

function expectNear(actual: Float32Array, expected: Float32Array): void {
	const scale = Math.max(...expected.map(Math.abs));
	for (const [i, value] of expected.entries()) {
		expect(Math.abs((actual[i] as number) - value)).toBeLessThan(1e-4 * scale);
	}
}
