/** What the machine gives in this run. */
import { readdirSync, readFileSync } from 'node:fs';
import { input, matmul } from '../../src/engine/graph/build.ts';
import { createSession, type Value } from '../../src/engine/onnx/session.ts';
import { InternalError } from '../../src/core/errors.ts';

const size = 2048;
const repeats = 12;

/** Returns the largest speed of an f32 matrix product of 2048^3 among a few, in GFLOP/s. */
export async function matrixProductSpeed(): Promise<number> {
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
	let shortest = Infinity;
	for (let i = 0; i < repeats; i++) {
		const start = performance.now();
		await session.run(feeds);
		shortest = Math.min(shortest, performance.now() - start);
	}
	await session.release();
	return (2 * size ** 3) / shortest / 1e6;
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
	const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
		readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
	);
	return [pid, ...children.flatMap(familyOf)];
}

function peakOf(pid: number): number {
	const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
	return Number(line?.[1] ?? NaN) / 1024;
}
