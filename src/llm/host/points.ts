/** Evaluates the target and its gradient at points between embeddings of one prompt. Letters: T tokens, D width. */
import type { Value } from '../../engine/onnx/session.ts';
import type { ExplainedPrompt, TokenIds } from '../languageModel.ts';
import { floatsOf, floatVector, idGrid, promptFeeds, targetFeeds } from './feeds.ts';
import { pathGraph } from './pathGraphs.ts';
import { computePrefix, type EngineContext, type Prefix } from './sessions.ts';

/** A prompt whose unchanging beginning is computed; the rest, from place `prefix.length` on, is its tail. */
export interface OpenPrompt {
	readonly context: EngineContext;
	readonly prompt: ExplainedPrompt;
	readonly prefix: Prefix;
	readonly tail: TokenIds;
}

/** A point on the way from the embeddings of other tokens [T] to those of the prompt. */
export interface PathPoint {
	readonly references: TokenIds;
	/** 0 at the references, 1 at the prompt. */
	readonly share: number;
}

export interface PathValue {
	/** Sum over D of (E - R) dt/dX, [T]; 0 where a reference is the prompt's own token. */
	readonly attribution: Float64Array;
	/** t at the point. */
	readonly value: number;
}

/** Returns the prompt with its beginning, up to the first explained token, computed. */
export async function openPrompt(context: EngineContext, prompt: ExplainedPrompt): Promise<OpenPrompt> {
	const prefix = await computePrefix(context, prompt.ids.slice(0, prompt.explained[0]));
	return { context, prompt, prefix, tail: prompt.ids.slice(prefix.length) };
}

/** Returns the feeds that `count` points of a prompt have in common. */
export function pointFeeds({ context, prompt, prefix, tail }: OpenPrompt, count: number): Record<string, Value> {
	const each = <Item>(item: Item): Item[] => Array.from({ length: count }, () => item);
	return {
		...prefix.feeds,
		...promptFeeds(each(tail), prefix.length),
		...targetFeeds(each(prompt.target), context.decoder.sizes.vocabulary),
	};
}

/** Calls `run` with as many items at a time as one run may have rows of `tokens` tokens, and joins the results. */
export async function inRuns<Item, Result>(
	{ maxTokens }: EngineContext,
	tokens: number,
	items: readonly Item[],
	run: (items: readonly Item[]) => Promise<readonly Result[]>,
): Promise<Result[]> {
	const rows = Math.max(1, Math.floor(maxTokens / tokens));
	const results: Result[] = [];
	for (let start = 0; start < items.length; start += rows)
		results.push(...(await run(items.slice(start, start + rows))));
	return results;
}

/** Returns what the target does at each point. */
export async function evaluatePath(opened: OpenPrompt, points: readonly PathPoint[]): Promise<PathValue[]> {
	const { context, prompt, prefix, tail } = opened;
	const shared = prefix.length > 0;
	const graph = await context.session(`path, ${shared}`, () => pathGraph(context.decoder, shared));
	return inRuns(context, tail.length, points, async (batch) => {
		const results = await graph.run({
			...pointFeeds(opened, batch.length),
			references: idGrid(batch.map(({ references }) => references.slice(prefix.length))),
			shares: floatVector(batch.map(({ share }) => share)),
		});
		const [attribution, terms] = [floatsOf(results, 'attribution'), floatsOf(results, 'terms')];
		const perRow = prompt.target.tokens.length;
		return batch.map((_, row) => {
			const scores = new Float64Array(prompt.ids.length);
			scores.set(attribution.subarray(row * tail.length, (row + 1) * tail.length), prefix.length);
			return { attribution: scores, value: sum(terms.subarray(row * perRow, (row + 1) * perRow)) };
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
	const total = new Float64Array(rows[0]?.length ?? 0);
	for (const [r, row] of rows.entries()) {
		for (const [i, value] of row.entries()) total[i] = (total[i] as number) + (weights[r] as number) * value;
	}
	return total;
}

/** Returns the sum of numbers in float64. */
export function sum(values: Float32Array | Float64Array): number {
	let total = 0;
	for (const value of values) total += value;
	return total;
}
