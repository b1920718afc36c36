/**
 * Peak memory of a forward pass and of attribution passes over one long text, beside the estimates; each in a process of
 * its own: `npx tsx bench/memory.ts [--shape 135m] [--type BF16] [--tokens 1024] [--kinds forward,checkpointed]`. Weights are random
 * and lie in a temporary folder. Prints a JSON line per kind (Linux: reads /proc/self/status).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createSession } from '../src/engine/onnx/session.ts';
import { attributionGraph } from '../src/llm/attribution/attributionGraph.ts';
import { promptFeeds, targetFeeds } from '../src/llm/graphs/feeds.ts';
import { emptyCache } from '../src/llm/prefix/keyValueCache.ts';
import { activationBytes, engineBytes, storedAs, weightBytes } from '../src/llm/sessions/memoryPlan.ts';
import { targetGraph } from '../src/llm/graphs/forwardGraphs.ts';
import type { Decoder } from '../src/llm/models/decoder.ts';
import { loadDecoder } from '../src/llm/models/loadDecoder.ts';
import { type FloatType, type ModelShape, writeRandomModel } from './randomModel.ts';

const graphs = {
	forward: (decoder: Decoder) => targetGraph(decoder),
	attribution: (decoder: Decoder) => attributionGraph(decoder, ['gradientXInput.dot']),
	checkpointed: (decoder: Decoder) => attributionGraph(decoder, ['gradientXInput.dot'], undefined, 'checkpointed'),
} as const;

const { values } = parseArgs({
	options: {
		shape: { type: 'string', default: '135m' },
		type: { type: 'string', default: 'BF16' },
		tokens: { type: 'string', default: '1024' },
		kinds: { type: 'string', default: Object.keys(graphs).join(',') },
		measure: { type: 'string' },
	},
});

if (values.measure === undefined) measureAll();
else await measure(values.measure, values.kinds as keyof typeof graphs, Number(values.tokens));

function measureAll(): void {
	const folder = mkdtempSync(join(tmpdir(), 'memory-'));
	try {
		writeRandomModel(folder, values.shape as ModelShape, values.type as FloatType);
		for (const kind of values.kinds.split(',')) {
			const own = [...process.execArgv, import.meta.filename, '--measure', folder, '--kinds', kind];
			const { stdout, status } = spawnSync(process.execPath, [...own, '--tokens', values.tokens], { encoding: 'utf8' });
			const found = status === 0 ? (JSON.parse(stdout) as object) : { failed: status };
			console.log(
				JSON.stringify({ shape: values.shape, type: values.type, tokens: Number(values.tokens), kind, ...found }),
			);
		}
	} finally {
		rmSync(folder, { recursive: true });
	}
}

async function measure(folder: string, kind: keyof typeof graphs, tokens: number): Promise<void> {
	const loaded = loadDecoder(folder);
	const { decoder, checkpoint, place } = loaded;
	const outputs = storedAs(graphs[kind](decoder), false, loaded.quantised);
	const names = new Map(Object.entries({ B: 1, J: 1, P: 0, T: tokens, S: tokens }));
	const activations = activationBytes(outputs, names);
	const session = await createSession(outputs, { weightsFolder: checkpoint.rootFolder, place, prepack: false });
	const prompt = Array.from({ length: tokens }, (_, i) => (37 * i) % decoder.sizes.vocabulary);
	const target = targetFeeds([{ tokens: [5], weights: [1] }], decoder.sizes.vocabulary);
	const started = performance.now();
	await session.run({ ...emptyCache(decoder.sizes).feeds, ...promptFeeds([prompt]), ...target });
	const seconds = (performance.now() - started) / 1000;
	const peak = Number(/VmHWM:\s+(\d+)/u.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
	const estimate = engineBytes + weightBytes(outputs, false) + activations;
	const inMegabytes = (bytes: number): number => Math.round(bytes / 1e6);
	console.log(
		JSON.stringify({
			peak_mb: inMegabytes(peak),
			estimate_mb: inMegabytes(estimate),
			estimate_ratio: Number((estimate / peak).toFixed(3)),
			seconds: Number(seconds.toFixed(1)),
		}),
	);
}
