/** Backward passes that compute each block a second time, as engines choose where memory is short. */
import { widthOf } from '../../src/core/present.ts';
import type { Node } from '../../src/engine/graph/node.ts';
import type { Device, Value } from '../../src/engine/onnx/session.ts';
import { attributionGraph } from '../../src/llm/attribution/attributionGraph.ts';
import { idGrid, promptFeeds, targetFeeds, vector } from '../../src/llm/graphs/feeds.ts';
import { emptyCache } from '../../src/llm/prefix/keyValueCache.ts';
import { noiseGraph, pathGraph } from '../../src/llm/attribution/pathGraphs.ts';
import { createSessionPool } from '../../src/llm/sessions/sessionPool.ts';
import type { DecoderSizes } from '../../src/llm/models/decoder.ts';
import { loadDecoder } from '../../src/llm/models/loadDecoder.ts';
import { passOutputs } from '../../src/llm/attribution/attributionMethods.ts';
import { neutralToken, type Numbers } from './calls.ts';

const prompts = [
	[5, 9, 17, 3, 8, 21, 4],
	[7, 2, 30, 11, 6, 19, 40],
];
const explained = [2, 3];

/** Returns the outputs of every graph that has a checkpointed form. */
export async function checkpointedPasses(folder: string, device: Device): Promise<Numbers> {
	const loaded = loadDecoder(folder);
	const { decoder } = loaded;
	const pool = createSessionPool({ loaded, prepack: false, device, available: Infinity });
	const graphs: Readonly<Record<string, () => Record<string, Node>>> = {
		passes: () => attributionGraph(decoder, passOutputs, undefined, 'checkpointed'),
		path: () => pathGraph(decoder, 'checkpointed'),
		noise: () => noiseGraph(decoder, 0.15, 'checkpointed'),
	};
	const found: Record<string, number[]> = {};
	for (const [name, make] of Object.entries(graphs)) {
		const session = await pool.session(name, () => make());
		for (const [output, { data }] of Object.entries(await session.run(feedsFor(decoder.sizes)))) {
			found[`${name}: ${output}`] = Array.from(data as Float32Array);
		}
		await session.release();
	}
	return found;
}

function feedsFor(sizes: DecoderSizes): Record<string, Value> {
	const [rows, tokens] = [prompts.length, widthOf(prompts)];
	const at = (value: (place: number) => number, width = 1): Float32Array =>
		Float32Array.from({ length: rows * tokens * width }, (_, i) => value(Math.floor(i / width) % tokens));
	const isExplained = (place: number): number => Number(explained.includes(place));
	return {
		...emptyCache(sizes).feeds,
		...promptFeeds(prompts),
		...targetFeeds(
			prompts.map(() => ({ tokens: [5, 9], weights: [1, -1] })),
			sizes.vocabulary,
		),
		neutralToken: idGrid([[neutralToken]]),
		references: idGrid(prompts.map((ids) => ids.map(() => neutralToken))),
		alphas: { data: Float32Array.of(0.3, 1), sizes: [rows] },
		isExplained: { data: at(isExplained), sizes: [rows, tokens] },
		noise: {
			data: at(isExplained, sizes.hidden).map((value, i) => value * Math.sin(i)),
			sizes: [rows, tokens, sizes.hidden],
		},
		explained: vector(explained),
	};
}
