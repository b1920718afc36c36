/** Evaluates the target and its gradient at points between embeddings of one prompt. Letters: T tokens, D width. */
import type { Value } from '../../engine/onnx/session.ts';
import type { ExplainedPrompt, TokenIds } from '../languageModel.ts';
import { floatsOf, floatVector, idGrid, promptFeeds, targetFeeds } from './feeds.ts';
import { pathGraph } from './pathGraphs.ts';
import type { EngineContext } from './sessions.ts';

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

/** Returns the feeds that `count` points of a prompt have in common. */
export function pointFeeds({ decoder }: EngineContext, prompt: ExplainedPrompt, count: number): Record<string, Value> {
	const each = <Item>(item: Item): Item[] => Array.from({ length: count }, () => item);
	return { ...promptFeeds(each(prompt.ids)), ...targetFeeds(each(prompt.target), decoder.sizes.vocabulary) };
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
export async function evaluatePath(
	context: EngineContext,
	prompt: ExplainedPrompt,
	points: readonly PathPoint[],
): Promise<PathValue[]> {
	const graph = await context.session('path', () => pathGraph(context.decoder, context.recompute));
	const length = prompt.ids.length;
	const perPoint = prompt.target.tokens.length;
	return inRuns(context, length, points, async (batch) => {
		const results = await graph.run({
			...pointFeeds(context, prompt, batch.length),
			references: idGrid(batch.map(({ references }) => references)),
			shares: floatVector(batch.map(({ share }) => share)),
		});
		const rows = (name: string, width: number, row: number): Float32Array =>
			floatsOf(results, name).subarray(row * width, (row + 1) * width);
		return batch.map((_, row) => ({
			attribution: Float64Array.from(rows('attribution', length, row)),
			value: sum(rows('terms', perPoint, row)),
		}));
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
