/** The two passes that studies spend their time on, over the sample decoder. */
import type { Node } from '../../engine/graph/node.ts';
import type { Value } from '../../engine/onnx/session.ts';
import { floatVector, idGrid, promptFeeds, rowFeeds, targetFeeds, vector } from '../graphs/feeds.ts';
import { emptyCache } from '../prefix/keyValueCache.ts';
import { readGraph } from '../graphs/forwardGraphs.ts';
import { pathGraph } from '../attribution/pathGraphs.ts';
import { positionedTokens, plainRow } from '../graphs/row.ts';
import type { TokenIds } from '../languageModel.ts';
import type { Decoder } from '../models/decoder.ts';

export interface SamplePass {
	readonly graph: Record<string, Node>;
	/** What a run over so many tokens is fed with. */
	readonly feeds: (tokens: number) => Record<string, Value>;
	/** The output that is asked for. */
	readonly output: string;
}

/** Tokens of a row: as of masked predictions, and as of a text that is explained. */
const forwardRow = 128;
const gradientRow = 64;

/** Returns a prediction at the end of each row. */
export function forwardPass(decoder: Decoder): SamplePass {
	const { sizes } = decoder;
	const feeds = (tokens: number): Record<string, Value> => {
		const prompts = sampleRows(tokens, forwardRow, sizes.vocabulary);
		const rows = prompts.map((ids) => plainRow(positionedTokens(ids), 0));
		const reads = prompts.map(({ length }) => [length - 1]);
		const targets = vector(prompts.map((_, row) => row * sizes.vocabulary));
		return { ...emptyCache(sizes).feeds, ...rowFeeds(rows, [], reads), targets };
	};
	return { graph: readGraph(decoder), feeds, output: 'logProbabilities' };
}

/** Returns a gradient at a point between two texts in each row. */
export function gradientPass(decoder: Decoder): SamplePass {
	const { sizes } = decoder;
	const feeds = (tokens: number): Record<string, Value> => {
		const prompts = sampleRows(tokens, gradientRow, sizes.vocabulary);
		const targets = prompts.map(() => ({ tokens: [1, 2], weights: [1, -1] }));
		return {
			...emptyCache(sizes).feeds,
			...promptFeeds(prompts),
			...targetFeeds(targets, sizes.vocabulary),
			references: idGrid(prompts.map((ids) => ids.map(() => 0))),
			alphas: floatVector(prompts.map((_, row) => (row + 1) / prompts.length)),
		};
	};
	return { graph: pathGraph(decoder, 'plain'), feeds, output: 'attribution' };
}

/** Returns rows of so many tokens together. */
function sampleRows(tokens: number, width: number, vocabulary: number): TokenIds[] {
	const length = Math.min(tokens, width);
	return Array.from({ length: tokens / length }, (_, row) =>
		Array.from({ length }, (__, i) => (37 * i + 11 * row) % vocabulary),
	);
}
