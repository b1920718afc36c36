/** Seconds by part of the job. */
export interface Stopwatch {
	time<Result>(part: string, action: () => Promise<Result>): Promise<Result>;
	readonly seconds: ReadonlyMap<string, number>;
	total(): number;
}

export function stopwatch(): Stopwatch {
	const seconds = new Map<string, number>();
	return {
		seconds,
		total: () => [...seconds.values()].reduce((sum, value) => sum + value, 0),
		time: async (part, action) => {
			const start = performance.now();
			const result = await action();
			seconds.set(part, (seconds.get(part) ?? 0) + (performance.now() - start) / 1000);
			return result;
		},
	};
}

export interface JobFigures {
	readonly seconds: number;
	readonly needed: number;
	readonly gemm: number;
	/** What other programs on the machine disturb less; null where the system does not say. */
	readonly byProcessor: number | null;
}

/** Returns the table for people: the share of each part, and the ratio to the machine's limit. */
export function figuresTable(watch: Stopwatch, { seconds, needed, gemm, byProcessor }: JobFigures): string {
	const total = watch.total();
	const rows = [...watch.seconds].map(([part, value]) => [part, `${((100 * value) / total).toFixed(1)} %`]);
	const limit = needed / gemm;
	return [
		...rows,
		['seconds per example', seconds.toFixed(2)],
		['GFLOP needed per example', needed.toFixed(0)],
		['GFLOP/s of a matrix product', gemm.toFixed(0)],
		['limit, seconds', limit.toFixed(2)],
		['limit / time', (limit / seconds).toFixed(2)],
		['the same by processor time', byProcessor?.toFixed(2) ?? 'unknown'],
	]
		.map(([name = '', value = '']) => `${name.padEnd(30)}${value.padStart(10)}`)
		.join('\n');
}
