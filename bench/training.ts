/**
 * Speed of a training step of SmolLM-135M's shape with random weights, B x T = 8 x 256: LoRA (r = 8, all projections but
 * the head) and all weights. Prints one line of JSON per kind, and how far it is from the speed of a matrix product in the
 * same run.
 *
 *     npx tsx bench/training.ts [--model 20m] [--batch 8] [--tokens 256] [--steps 2] [--kind lora|all]
 *
 * `share` = needed / (gemm_gflops * seconds), and `processor_share` the same by processor time, which says more on a busy
 * machine. Needed are the products of one step, without recomputation: 2 operations per
 * multiply-add; forward and the gradient of what comes in for every projection, with all weights also that of the weight;
 * attention over all T x T pairs; of the last block only keys and values, with the head and the rest of that block on
 * the one position per sequence that the loss counts.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '../src/core/random.ts';
import { newAdapterConfig, targetedModules } from '../src/llm/adapters/adapterConfig.ts';
import { type LoadedDecoder, loadDecoder, projectionSizes } from '../src/llm/models/loadDecoder.ts';
import { adamWDefaults } from '../src/training/adamW.ts';
import type { WeightedTokens } from '../src/training/lossGraph.ts';
import { estimateMemory } from '../src/training/memory.ts';
import {
	initialLowRank,
	storedParameters,
	type TrainableDecoder,
	trainAllWeights,
	trainLowRank,
} from '../src/training/trainable.ts';
import { createTrainer } from '../src/training/trainer.ts';
import { bestTimes, matrixProductSpeed, peakMemory } from './mainJob/machine.ts';
import { type ModelShape, writeRandomModel } from './randomModel.ts';

const { values } = parseArgs({
	options: {
		model: { type: 'string', default: '135m' },
		batch: { type: 'string', default: '8' },
		tokens: { type: 'string', default: '256' },
		steps: { type: 'string', default: '2' },
		kind: { type: 'string', multiple: true, default: ['lora', 'all'] },
		/** Of a process that this one starts: the model's. */
		folder: { type: 'string' },
	},
});
const [batchSize, tokens, steps] = [Number(values.batch), Number(values.tokens), Number(values.steps)];
const rank = 8;

if (values.folder === undefined) await compareAll();
else console.log(JSON.stringify(await timedSteps(values.folder, values.kind.at(-1) ?? '')));

/** Each kind is trained in a process of its own, whose memory is then that of the training alone. */
async function compareAll(): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'training-bench-'));
	try {
		writeRandomModel(folder, values.model as ModelShape, 'F32');
		for (const kind of values.kind) console.log(JSON.stringify(await compared(folder, kind)));
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** What the process of one kind reports. */
interface Timed {
	readonly wall: number;
	readonly processor: number;
	readonly peak: number | null;
}

async function compared(folder: string, kind: string): Promise<object> {
	const before = await matrixProductSpeed();
	const own = process.argv.slice(1);
	const child = spawnSync(process.execPath, [...process.execArgv, ...own, '--folder', folder, '--kind', kind], {
		...{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
	});
	if (child.status !== 0) throw new Error(`${kind}: the training ended with ${child.status ?? child.signal}`);
	const { wall, processor, peak } = JSON.parse(child.stdout) as Timed;
	const after = await matrixProductSpeed();
	const gemm = Math.max(before.wall, after.wall);
	const gemmOfProcessor = Math.max(before.processor, after.processor);
	const loaded = loadDecoder(folder);
	const needed = neededGflop(loaded, kind === 'all');
	const estimate = estimateMemory(loaded, trainableOf(kind, loaded), { B: batchSize, T: tokens, J: 1 });
	const round = (value: number): number => Number(value.toPrecision(4));
	return {
		...{ model: values.model, kind, batch: batchSize, tokens },
		seconds_per_step: round(wall),
		tokens_per_second: round((batchSize * tokens) / wall),
		needed_gflop: round(needed),
		gemm_gflops: round(gemm),
		share: round(needed / (gemm * wall)),
		processor_share: round(needed / (gemmOfProcessor * processor)),
		estimated_mb: round(estimate.total / 2 ** 20),
		peak_rss_mb: peak,
	};
}

async function timedSteps(folder: string, kind: string): Promise<Timed> {
	const loaded = loadDecoder(folder);
	const trainer = createTrainer(trainableOf(kind, loaded), { adamW: adamWDefaults, clip: 1 });
	const batch = randomBatch(loaded.decoder.sizes.vocabulary);
	await trainer.step(batch, 1e-4);
	const times = await bestTimes(steps, () => trainer.step(batch, 1e-4));
	await trainer.release();
	return { ...times, peak: peakMemory() };
}

function trainableOf(kind: string, loaded: LoadedDecoder): TrainableDecoder {
	return kind === 'all' ? wholeModel(loaded) : lowRank(loaded);
}

function wholeModel(loaded: LoadedDecoder): TrainableDecoder {
	return trainAllWeights(loaded.family, loaded.config, storedParameters(loaded));
}

function lowRank(loaded: LoadedDecoder): TrainableDecoder {
	const config = newAdapterConfig({ rank, alpha: 16, rslora: false, targets: 'all-linear' }, loaded.folder, 'llama');
	const projections = targetedModules(config, [...projectionSizes(loaded.family, loaded.config).keys()]) ?? [];
	return trainLowRank(loaded, config, initialLowRank(loaded, projections, config, 1));
}

/** One label after each prompt, as in classification. */
function randomBatch(vocabulary: number): WeightedTokens[] {
	return Array.from({ length: batchSize }, (_, row) => {
		const random = seededRandom('training bench', row);
		const ids = Array.from({ length: tokens }, () => random.integer(vocabulary));
		return { ids, weights: ids.map((__, i) => (i === tokens - 1 ? 1 : 0)) };
	});
}

/** In 10^9 operations of a step. */
function neededGflop({ family, config, decoder }: LoadedDecoder, isWhole: boolean): number {
	const { heads, headWidth, layers } = decoder.sizes;
	const rows = batchSize * tokens;
	const products = [...projectionSizes(family, config)].map(([name, { from, to }]) => {
		const counted = isBehindLastKeys(name, layers - 1) ? batchSize : rows;
		const factors = isWhole || name === 'lm_head' ? 0 : 3 * 2 * counted * rank * (from + to);
		return (isWhole ? 3 : 2) * 2 * counted * from * to + factors;
	});
	const pairs = batchSize * tokens * ((layers - 1) * tokens + 1);
	const attention = 3 * 2 * 2 * pairs * heads * headWidth;
	return (products.reduce((a, b) => a + b, 0) + attention) / 1e9;
}

/** Whether a projection comes after the last block's keys and values: it is needed where the loss counts, nowhere else. */
function isBehindLastKeys(name: string, lastLayer: number): boolean {
	return name === 'lm_head' || (name.includes(`.${lastLayer}.`) && !/[kv]_proj$/.test(name));
}
