/** Measures one device. Belongs into a process of its own: a driver may end it. */
import { UserError } from '../../core/errors.ts';
import { createSession, type Device, deviceProblem } from '../../engine/onnx/session.ts';
import type { Decoder } from '../models/decoder.ts';
import { clearlyFastest, type DeviceTimes } from './calibration.ts';
import { threadCandidates } from './cores.ts';
import { sampleDecoder } from './sampleDecoder.ts';
import { forwardPass, gradientPass, type SamplePass } from './samplePasses.ts';
import { defaultTuning } from '../tuning.ts';

export interface Measuring {
	readonly device: Device;
	/** Where the weights of the sample decoder lie. */
	readonly folder: string;
	/** Microseconds per token, forward: a device that needs several times as long is not measured further. */
	readonly toBeat: number;
}

/** Tokens of a run that are tried. */
const forwardSizes = [256, 512, 1024, 2048];
const gradientSizes = [256, 512, 1024];

/** Enough that all cores have work. */
const threadsSize = 512;

/** So often all candidates take their turn. */
const rounds = 3;

/** Returns the times of a device. Throws a `UserError` where it cannot be used or is hopelessly slow. */
export async function measureDevice(measuring: Measuring): Promise<DeviceTimes> {
	const problem = await deviceProblem(measuring.device);
	if (problem !== null) throw new UserError(problem);
	await requireSpeed(measuring);
	const threads = await timesOfThreads(measuring);
	const chosen = clearlyFastest(threads, defaultTuning.threads);
	return {
		threads,
		forward: await timesOfSizes(await openPass(measuring, forwardPass, chosen), forwardSizes),
		gradient: await timesOfSizes(await openPass(measuring, gradientPass, chosen), gradientSizes),
	};
}

interface OpenedPass {
	/** Returns the microseconds per token of a run of so many tokens. */
	run(tokens: number): Promise<number>;
	release(): Promise<void>;
}

/** Weights lie as those of large models do: mapped, or copied to a card. */
async function openPass(
	{ device, folder }: Measuring,
	passOf: (decoder: Decoder) => SamplePass,
	threads: number | null,
): Promise<OpenedPass> {
	const { decoder, place } = sampleDecoder();
	const { graph, feeds, output } = passOf(decoder);
	const prepack = device !== 'cpu';
	const session = await createSession(graph, { weightsFolder: folder, place, prepack, device, threads });
	return {
		run: async (tokens) => {
			const values = feeds(tokens);
			const started = performance.now();
			await session.run(values, [output]);
			return (1000 * (performance.now() - started)) / tokens;
		},
		release: () => session.release(),
	};
}

/** A software driver of a card would take minutes: few tokens are enough to see it. */
const glance = 64;
const hopeless = 4;

async function requireSpeed(measuring: Measuring): Promise<void> {
	const { toBeat } = measuring;
	if (toBeat === Infinity) return;
	const pass = await openPass(measuring, forwardPass, null);
	// The first run compiles.
	await pass.run(glance);
	const found = await pass.run(glance);
	await pass.release();
	if (found < hopeless * toBeat) return;
	throw new UserError(`Too slow: a token took ${found.toFixed(0)} microseconds, the CPU needs ${toBeat.toFixed(0)}.`);
}

/** Cards have no threads. */
async function timesOfThreads(measuring: Measuring): Promise<DeviceTimes['threads']> {
	const candidates = measuring.device === 'cpu' ? threadCandidates() : [null];
	const opened: OpenedPass[] = [];
	for (const threads of candidates) opened.push(await openPass(measuring, forwardPass, threads));
	for (const pass of opened) await pass.run(threadsSize);
	const times = await race(candidates, (_, i) => (opened[i] as OpenedPass).run(threadsSize));
	for (const pass of opened) await pass.release();
	return times;
}

async function timesOfSizes(pass: OpenedPass, sizes: readonly number[]): Promise<DeviceTimes['forward']> {
	// The largest run takes the memory that all others need.
	await pass.run(Math.max(...sizes));
	const times = await race(sizes, (tokens) => pass.run(tokens));
	await pass.release();
	return times;
}

async function race<Choice>(
	choices: readonly Choice[],
	run: (choice: Choice, index: number) => Promise<number>,
): Promise<{ choice: Choice; microseconds: number[] }[]> {
	const tried = choices.map((choice) => ({ choice, microseconds: [] as number[] }));
	for (let round = 0; round < rounds; round++) {
		for (const [i, { choice, microseconds }] of tried.entries()) microseconds.push(await run(choice, i));
	}
	return tried;
}
