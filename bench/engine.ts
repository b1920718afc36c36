/**
 * Speed of the bare engine, forward and forward + backward, as a share of the machine's f32 matrix products in the same run:
 * `npx tsx bench/engine.ts [--shapes 135m,1.1b] [--type F32] [--tokens 64,256,1024] [--batches 1,8] [--prepack]`.
 * Weights are random and lie in a temporary folder. Prints a JSON line per case; `share` is by wall clock, `processor_share`
 * by processor time, which other programs on the machine disturb less.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Node, topologicalOrder } from '../src/engine/graph/node.ts';
import { product, sizeOf } from '../src/engine/graph/shape.ts';
import { createSession, type Session, type Value } from '../src/engine/onnx/session.ts';
import { attributionGraph } from '../src/llm/attribution/attributionGraph.ts';
import { promptFeeds, targetFeeds } from '../src/llm/graphs/feeds.ts';
import { emptyCache } from '../src/llm/prefix/keyValueCache.ts';
import { targetGraph } from '../src/llm/graphs/forwardGraphs.ts';
import { type LoadedDecoder, loadDecoder } from '../src/llm/models/loadDecoder.ts';
import { bestTimes, matrixProductSpeed } from './mainJob/machine.ts';
import { type FloatType, type ModelShape, writeRandomModel } from './randomModel.ts';

const { values } = parseArgs({
	options: {
		shapes: { type: 'string', default: '135m,1.1b' },
		type: { type: 'string', default: 'F32' },
		tokens: { type: 'string', default: '64,256,1024' },
		batches: { type: 'string', default: '1,8' },
		prepack: { type: 'boolean', default: false },
	},
});
const repeats = 3;
const numbers = (list: string): number[] => list.split(',').map(Number);

for (const shape of values.shapes.split(',')) {
	const folder = mkdtempSync(join(tmpdir(), 'engine-'));
	try {
		writeRandomModel(folder, shape as ModelShape, values.type as FloatType);
		await benchModel(shape, loadDecoder(folder));
	} finally {
		rmSync(folder, { recursive: true });
	}
}

async function benchModel(shape: string, loaded: LoadedDecoder): Promise<void> {
	const { decoder, checkpoint, place } = loaded;
	const graphs = {
		forward: () => targetGraph(decoder),
		'forward+backward': () => attributionGraph(decoder, ['gradientXInput.dot']),
	};
	for (const [pass, make] of Object.entries(graphs)) {
		const outputs = make();
		const session = await createSession(outputs, {
			...{ weightsFolder: checkpoint.rootFolder, place, prepack: values.prepack },
		});
		for (const tokens of numbers(values.tokens)) {
			for (const batch of numbers(values.batches)) {
				const names = new Map(Object.entries({ B: batch, J: batch, P: 0, T: tokens, S: tokens }));
				const work = gigaOperations(Object.values(outputs), names);
				const speed = await matrixProductSpeed();
				const { wall, processor } = await best(session, feedsOf(loaded, batch, tokens));
				console.log(
					JSON.stringify({
						...{ shape, type: values.type, prepack: values.prepack, pass, batch, tokens },
						seconds: rounded(wall),
						gflops: rounded(work / wall),
						machine_gflops: rounded(speed.wall),
						share: rounded(work / wall / speed.wall),
						processor_share: rounded(work / processor / speed.processor),
					}),
				);
			}
		}
		await session.release();
	}
}

/** Returns twice the multiply-adds of all matrix products of a graph. */
function gigaOperations(outputs: readonly Node[], names: ReadonlyMap<string, number>): number {
	let total = 0;
	for (const node of topologicalOrder(outputs)) {
		if (node.operation !== 'matmul') continue;
		const [a] = node.inputs as [Node];
		const { transposeA } = (node as Node<'matmul'>).parameters;
		const inner = a.shape.at(transposeA ? -2 : -1) ?? 1;
		total += 2 * sizeOf(product(...node.shape, inner), names);
	}
	return total / 1e9;
}

function feedsOf({ decoder: { sizes } }: LoadedDecoder, batch: number, tokens: number): Record<string, Value> {
	const rows = Array.from({ length: batch }, (_, row) =>
		Array.from({ length: tokens }, (__, i) => (37 * i + row) % sizes.vocabulary),
	);
	const targets = targetFeeds(
		rows.map(() => ({ tokens: [5], weights: [1] })),
		sizes.vocabulary,
	);
	return { ...emptyCache(sizes).feeds, ...promptFeeds(rows), ...targets };
}

async function best(session: Session<string>, feeds: Readonly<Record<string, Value>>) {
	await session.run(feeds);
	return bestTimes(repeats, () => session.run(feeds));
}

function rounded(value: number): number {
	return Number(value.toPrecision(3));
}
