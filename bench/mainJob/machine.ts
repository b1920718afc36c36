/** What the machine gives in this run. */
import { readdirSync, readFileSync } from 'node:fs';
import { input, matmul } from '../../src/engine/graph/build.ts';
import { createSession, type Value } from '../../src/engine/onnx/session.ts';
import { InternalError } from '../../src/core/errors.ts';

const size = 2048;
const repeats = 8;
/** Of Linux, as programs see it. */
const ticksPerSecond = 100;

/** Speed of an f32 matrix product, in GFLOP per second, and per second of one processor. */
export interface ProductSpeed {
	readonly wall: number;
	readonly processor: number;
}

/** Returns the largest speeds of a product of 2048^3 among a few. */
export async function matrixProductSpeed(): Promise<ProductSpeed> {
	const product = matmul(input('a', [size, size]), input('b', [size, size]));
	const session = await createSession(
		{ product },
		{
			weightsFolder: '.',
			prepack: true,
			place: () => {
				throw new InternalError('the product has no weights');
			},
		},
	);
	const random = (): Value => ({
		data: Float32Array.from({ length: size * size }, () => Math.random() - 0.5),
		sizes: [size, size],
	});
	const feeds = { a: random(), b: random() };
	const { wall, processor } = await bestTimes(repeats, () => session.run(feeds));
	await session.release();
	const work = (2 * size ** 3) / 1e9;
	return { wall: work / wall, processor: work / processor };
}

/** Returns the shortest wall and processor time of a few runs of `work`, in seconds. */
export async function bestTimes(
	runs: number,
	work: () => Promise<unknown>,
): Promise<{ wall: number; processor: number }> {
	let [wall, processor] = [Infinity, Infinity];
	for (let i = 0; i < runs; i++) {
		const [start, used] = [performance.now(), process.cpuUsage()];
		await work();
		const { user, system } = process.cpuUsage(used);
		wall = Math.min(wall, (performance.now() - start) / 1000);
		processor = Math.min(processor, (user + system) / 1e6);
	}
	return { wall, processor };
}

/** Returns the seconds of processor time that this process and those it started have used; null where the system does not say. */
export function processorSeconds(): number | null {
	try {
		const ticks = familyOf(process.pid).map((pid) => {
			const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
			const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
			return Number(fields[11]) + Number(fields[12]);
		});
		return ticks.reduce((a, b) => a + b, 0) / ticksPerSecond;
	} catch {
		return null;
	}
}

/** Returns the peak memory of this process and of those it started, in MB; null where the system does not say. */
export function peakMemory(): number | null {
	try {
		return familyOf(process.pid)
			.map(peakOf)
			.reduce((a, b) => a + b, 0);
	} catch {
		return null;
	}
}

function familyOf(pid: number): number[] {
	return [pid, ...childrenOf(pid).flatMap(familyOf)];
}

/** Returns the processes that one has started. */
export function childrenOf(pid: number): number[] {
	return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
		readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
	);
}

function peakOf(pid: number): number {
	const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
	return Number(line?.[1] ?? NaN) / 1024;
}
