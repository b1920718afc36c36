/** One training run: batches in random order, with a line of progress. */
import { seededRandom } from '../../src/core/random.ts';
import type { WeightedTokens } from '../../src/training/lossGraph.ts';
import { learningRateAt } from '../../src/training/schedule.ts';
import type { Trainer } from '../../src/training/trainer.ts';

export interface LoopOptions {
	readonly title: string;
	readonly seed: number;
	readonly sequencesPerBatch: number;
	/** Highest learning rate, after `warmUp` steps; a cosine takes it to a twentieth. */
	readonly peak: number;
	readonly kind: 'constant' | 'cosine';
	readonly warmUp: number;
	/** Called every 200 steps, so that a stopped run leaves a model. */
	readonly save: () => void;
}

/** Trains on all sequences once and prints loss and time left. */
export async function train(
	trainer: Trainer,
	sequences: readonly WeightedTokens[],
	options: LoopOptions,
): Promise<void> {
	const batches = shuffledBatches(sequences, options);
	const schedule = {
		kind: options.kind,
		peak: options.peak,
		warmUp: options.warmUp,
		steps: batches.length,
		floor: 0.05,
	} as const;
	const start = performance.now();
	let smoothed: number | undefined;
	for (const [step, batch] of batches.entries()) {
		const loss = await trainer.step(batch, learningRateAt(step, schedule));
		smoothed = smoothed === undefined ? loss : 0.98 * smoothed + 0.02 * loss;
		if (step % 200 === 199) options.save();
		if (step % 20 === 0 || step === batches.length - 1)
			report(options.title, step + 1, batches.length, smoothed, start);
	}
	process.stderr.write('\n');
}

/** Batches mix lengths and tasks, as in the trials of docs/decisions/0005-planted-benchmark.md. */
function shuffledBatches(sequences: readonly WeightedTokens[], options: LoopOptions): WeightedTokens[][] {
	const shuffled = seededRandom(options.seed, options.title).shuffle(sequences);
	const size = options.sequencesPerBatch;
	return Array.from({ length: Math.floor(shuffled.length / size) }, (_, i) => shuffled.slice(i * size, (i + 1) * size));
}

const bars = '▁▂▃▄▅▆▇█';

function report(title: string, step: number, steps: number, loss: number, start: number): void {
	const seconds = (performance.now() - start) / 1000;
	const left = Math.round((seconds / step) * (steps - step));
	const bar = bars[Math.min(7, Math.floor(loss * 2))];
	const end = process.stderr.isTTY ? '' : '\n';
	process.stderr.write(
		`\r${title}: step ${step}/${steps}  loss ${loss.toFixed(4)} ${bar}  ${Math.round(seconds)} s, ${left} s left ${end}`,
	);
}
