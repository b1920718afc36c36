/** Evaluates the target and its gradient at points between embeddings of one prompt. Letters: T tokens, D width. */
import { widthOf, zip } from '../../core/present.ts';
import type { Value } from '../../engine/onnx/session.ts';
import type { ExplainedPrompt, TokenIds } from '../languageModel.ts';
import { floatsOf, floatVector, idGrid, promptFeeds, rowFeeds, targetFeeds } from '../graphs/feeds.ts';
import type { KeyValueCache } from '../prefix/keyValueCache.ts';
import { readGraph } from '../graphs/forwardGraphs.ts';
import { pathGraph } from './pathGraphs.ts';
import { positionedTokens, plainRow } from '../graphs/row.ts';
import type { EngineContext } from '../sessions/engineContext.ts';

/** A point on the way from the embeddings of other tokens [T] to those of the prompt. */
export interface PathPoint {
	readonly references: TokenIds;
	/** 0 at the references, 1 at the prompt. */
	readonly alpha: number;
}

export interface PathValue {
	/** Sum over D of (E - R) dt/dX, [T]; 0 where a reference is the prompt's own token. */
	readonly attribution: Float64Array;
	/** t at the point. */
	readonly value: number;
}

/** A prompt whose tokens before the explained ones are cached: no point changes them, no score is about them. */
export interface OpenedPrompt {
	readonly prompt: ExplainedPrompt;
	readonly cache: KeyValueCache;
	/** Number of tokens after the cached ones. */
	readonly tokens: number;
}

/** Returns the prompt with its prefix computed. */
export async function openPrompt(context: EngineContext, prompt: ExplainedPrompt): Promise<OpenedPrompt> {
	const [from = 0] = prompt.explained;
	const cache = await context.prefixes.of(context, positionedTokens(prefixToCache(prompt.ids, from)));
	return { prompt, cache, tokens: prompt.ids.length - cache.length };
}

/** Shorter prefixes are not worth a pass of their own, in tokens. */
const shortestPrefix = 8;

/** Returns the tokens before the first explained one, or none where they are few. */
export function prefixToCache(ids: TokenIds, explainedFrom: number): TokenIds {
	return explainedFrom < shortestPrefix ? [] : ids.slice(0, explainedFrom);
}

/** Returns the feeds that `count` points of a prompt have in common. */
export function pointFeeds(
	{ decoder }: EngineContext,
	{ prompt, cache }: OpenedPrompt,
	count: number,
): Record<string, Value> {
	const each = <Item>(item: Item): Item[] => Array.from({ length: count }, () => item);
	return {
		...cache.feeds,
		...promptFeeds(each(prompt.ids.slice(cache.length)), cache.length),
		...targetFeeds(each(prompt.target), decoder.sizes.vocabulary),
	};
}

/** Calls `run` with equal parts of the items, as few as one run's limit of rows of `tokens` tokens allows, and joins the results. */
export async function inRuns<Item, Result>(
	{ runs }: EngineContext,
	tokens: number,
	items: readonly Item[],
	run: (items: readonly Item[]) => Promise<readonly Result[]>,
): Promise<Result[]> {
	const most = Math.max(1, Math.floor(runs.gradient / tokens));
	const rows = Math.ceil(items.length / Math.ceil(items.length / most));
	const results: Result[] = [];
	for (let start = 0; start < items.length; start += rows)
		results.push(...(await run(items.slice(start, start + rows))));
	return results;
}

/** Returns the target t of each of some prompts that differ from the opened one after the cached tokens only. */
export async function targetValues(
	context: EngineContext,
	opened: OpenedPrompt,
	prompts: readonly TokenIds[],
): Promise<number[]> {
	const graph = await context.session('read', () => readGraph(context.decoder));
	const { cache, tokens } = opened;
	const { target } = opened.prompt;
	return inRuns(context, tokens, prompts, async (batch) => {
		const rows = batch.map((prompt) => plainRow(positionedTokens(prompt).slice(cache.length), cache.length));
		const last = rows.map(() => [tokens - 1]);
		const { targetTokens } = targetFeeds(
			batch.map(() => target),
			context.decoder.sizes.vocabulary,
		);
		const feeds = { ...cache.feeds, ...rowFeeds(rows, cache.positions, last), targets: targetTokens as Value };
		const logits = floatsOf(await graph.run(feeds, ['logits']), 'logits');
		const { weights } = target;
		const logit = (row: number, i: number): number => logits[row * weights.length + i] as number;
		return batch.map((_, row) => weights.reduce((total, weight, i) => total + weight * logit(row, i), 0));
	});
}

/** Returns what the target does at each point. */
export async function evaluatePath(
	context: EngineContext,
	opened: OpenedPrompt,
	points: readonly PathPoint[],
): Promise<PathValue[]> {
	const graph = await context.session('path', (form) => pathGraph(context.decoder, form));
	const { prompt, cache, tokens } = opened;
	const perPoint = prompt.target.tokens.length;
	return inRuns(context, tokens, points, async (batch) => {
		const results = await graph.run({
			...pointFeeds(context, opened, batch.length),
			references: idGrid(batch.map(({ references }) => references.slice(cache.length))),
			alphas: floatVector(batch.map(({ alpha }) => alpha)),
		});
		const rows = (name: string, width: number, row: number): Float32Array =>
			floatsOf(results, name).subarray(row * width, (row + 1) * width);
		return batch.map((_, row) => {
			const attribution = new Float64Array(prompt.ids.length);
			attribution.set(rows('attribution', tokens, row), cache.length);
			return { attribution, value: sum(rows('terms', perPoint, row)) };
		});
	});
}

/** Returns the prompt's ids with those of other tokens at the explained positions. */
export function withReferences({ ids, explained }: ExplainedPrompt, referenceAt: (index: number) => number): TokenIds {
	const references = [...ids];
	for (const [index, position] of explained.entries()) references[position] = referenceAt(index);
	return references;
}

/** Returns the weighted sum of rows [T]. */
export function weightedSum(rows: readonly Float64Array[], weights: readonly number[]): Float64Array {
	const total = new Float64Array(widthOf(rows));
	for (const [row, weight] of zip(rows, weights)) {
		for (const [i, value] of row.entries()) total[i] = (total[i] as number) + weight * value;
	}
	return total;
}

/** Returns the sum of numbers in float64. */
export function sum(values: Float32Array | Float64Array): number {
	let total = 0;
	for (const value of values) total += value;
	return total;
}
