/** Prompts of whose tokens only some dimensions of the embeddings are kept. Letters: B draws, T tokens, D width. */
import { gatherRows, input, logSoftmax, multiply, reshape } from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';
import { product } from '../../engine/graph/shape.ts';
import { InternalError } from '../../core/errors.ts';
import { seededRandom } from '../../core/random.ts';
import type { SoftPrompt } from '../languageModel.ts';
import type { Decoder } from '../models/decoder.ts';
import { floatsOf, promptFeeds, vector } from '../graphs/feeds.ts';
import { lastRowAfterCache } from '../graphs/forwardGraphs.ts';
import { inRuns, openPrompt } from '../attribution/pathPoints.ts';
import type { EngineContext } from '../sessions/engineContext.ts';

/** Output: `logProbabilities` [B*C] of the tokens `targets`, indices into the flattened [B, V], at E * `kept` [B, T, D]. */
export function softGraph(decoder: Decoder): Record<string, Node> {
	const { hidden, vocabulary } = decoder.sizes;
	const rows = reshape(decoder.embed(input('ids', ['B', 'T'], 'int64')), ['B', 'T', hidden]);
	const point = reshape(multiply(rows, input('kept', ['B', 'T', hidden])), ['B*T', hidden]);
	const logits = decoder.logits(lastRowAfterCache(decoder, point).hiddenStates.at(-1) as Node);
	const flat = reshape(logSoftmax(logits), [product('B', vocabulary)]);
	return { logProbabilities: gatherRows(flat, input('targets', ['N'], 'int64')) };
}

/**
 * Returns log-probabilities of the labels' first tokens: [variant][draw][C]. Draw k keeps dimension d of token i where
 * u_kid < keep_i, u uniform: the u are those of the prompt's seed, so that all variants share them.
 */
export async function scoreSoftly(
	context: EngineContext,
	prompt: SoftPrompt,
	labels: readonly number[],
): Promise<number[][][]> {
	const { ids, explained, keeps, draws } = prompt;
	const [first] = explained;
	if (first === undefined) throw new InternalError('soft masking: no position to mask');
	const opened = await openPrompt(context, { ...prompt, target: { tokens: [], weights: [] } });
	const width = context.decoder.sizes.hidden;
	const graph = await context.session('soft', () => softGraph(context.decoder));
	const jobs = keeps.flatMap((keep) => Array.from({ length: draws }, (_, draw) => ({ keep, draw })));
	const places = explained.map((position) => position - opened.cache.length);
	const uniform = Array.from({ length: draws }, (_, draw) => uniformNumbers(prompt, draw, places.length * width));
	const found = await inRuns(context, opened.tokens, jobs, async (batch) => {
		const kept = new Float32Array(batch.length * opened.tokens * width).fill(1);
		for (const [row, { keep, draw }] of batch.entries()) {
			for (const [i, place] of places.entries()) {
				const start = (row * opened.tokens + place) * width;
				for (let d = 0; d < width; d++)
					kept[start + d] = Number((uniform[draw]?.[i * width + d] as number) < (keep[i] as number));
			}
		}
		const results = await graph.run({
			...opened.cache.feeds,
			...promptFeeds(
				batch.map(() => ids.slice(opened.cache.length)),
				opened.cache.length,
			),
			kept: { data: kept, sizes: [batch.length, opened.tokens, width] },
			targets: vector(batch.flatMap((_, row) => labels.map((label) => row * context.decoder.sizes.vocabulary + label))),
		});
		const values = floatsOf(results, 'logProbabilities');
		return batch.map((_, row) => Array.from(values.subarray(row * labels.length, (row + 1) * labels.length)));
	});
	return keeps.map((_, variant) => found.slice(variant * draws, (variant + 1) * draws));
}

/** Draws of the same number share their first numbers, whatever the number of draws. */
function uniformNumbers({ seed }: SoftPrompt, draw: number, count: number): Float64Array {
	const random = seededRandom(seed, 'soft', draw);
	return Float64Array.from({ length: count }, () => random.next());
}
