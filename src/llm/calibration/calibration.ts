/** What was measured on a machine, and what follows from it. */
import { z } from 'zod';
import type { Device } from '../../engine/onnx/session.ts';
import { defaultTuning, type EngineTuning } from '../tuning.ts';

/** Raised when an older file would lead to other choices. */
export const calibrationFormat = 1;

const count = z.number().int().positive();

/** What was tried with its microseconds per token, one for each round, in which all that were tried took turns. */
const tried = <Choice>(choice: z.ZodType<Choice>) =>
	z.array(z.strictObject({ choice, microseconds: z.array(z.number().positive()).min(1) })).min(1);

const timesSchema = z.strictObject({
	/** Numbers of threads; null is onnxruntime's own. */
	threads: tried(count.nullable()),
	/** Tokens per run. */
	forward: tried(count),
	/** Tokens per run forward and backward. */
	gradient: tried(count),
});

/** The times of a device, or why there are none. */
const outcomeSchema = z.union([timesSchema, z.strictObject({ problem: z.string() })]);

export const calibrationSchema = z.strictObject({
	format: z.literal(calibrationFormat),
	devices: z.strictObject({ cpu: timesSchema, webgpu: outcomeSchema, cuda: outcomeSchema }),
});

export interface Tried<Choice> {
	readonly choice: Choice;
	readonly microseconds: readonly number[];
}
export type DeviceTimes = z.infer<typeof timesSchema>;
export type DeviceOutcome = z.infer<typeof outcomeSchema>;
export type Calibration = z.infer<typeof calibrationSchema>;

/** Returns what is fastest on the machine. */
export function tuningOf({ devices: outcomes }: Calibration): EngineTuning {
	const usable = (Object.keys(outcomes) as Device[]).flatMap((device) => {
		const outcome = outcomes[device];
		return 'problem' in outcome ? [] : [{ choice: device, microseconds: timesPerToken(outcome), outcome }];
	});
	const device = clearlyFastest(usable, defaultTuning.device);
	const times = usable.find(({ choice }) => choice === device)?.outcome ?? outcomes.cpu;
	return { device, threads: clearlyFastest(times.threads, defaultTuning.threads), runs: runsOf(times) };
}

/** Returns by round the microseconds for a token forward, and once more forward and backward, in runs of the sizes to take. */
export function timesPerToken(times: DeviceTimes): number[] {
	const runs = runsOf(times);
	const [forward, gradient] = [roundsOf(times.forward, runs.forward), roundsOf(times.gradient, runs.gradient)];
	return forward.map((time, round) => time + (gradient[round] ?? Infinity));
}

function runsOf({ forward, gradient }: DeviceTimes): EngineTuning['runs'] {
	const { runs } = defaultTuning;
	return { forward: clearlyFastest(forward, runs.forward), gradient: clearlyFastest(gradient, runs.gradient) };
}

/** By this share of its time the known choice must be beaten. */
const clearGain = 0.1;

/**
 * Returns the fastest choice whose slowest round clearly beats the fastest round of the known choice, else the known
 * choice: what a busy machine does to some of the rounds decides nothing.
 */
export function clearlyFastest<Choice>(all: readonly Tried<Choice>[], known: Choice): Choice {
	const limit = (1 - clearGain) * Math.min(...roundsOf(all, known));
	const slowest = ({ microseconds }: Tried<Choice>): number => Math.max(...microseconds);
	const winners = all.filter((tried) => slowest(tried) < limit).toSorted((a, b) => slowest(a) - slowest(b));
	return winners[0] === undefined ? known : winners[0].choice;
}

function roundsOf<Choice>(all: readonly Tried<Choice>[], wanted: Choice): readonly number[] {
	return all.find(({ choice }) => choice === wanted)?.microseconds ?? [];
}
