/** Learning rate by step. */

export interface ScheduleOptions {
	readonly kind: 'constant' | 'cosine';
	/** Learning rate after the warm-up. */
	readonly peak: number;
	/** Steps over which the rate rises linearly from 0. */
	readonly warmUp: number;
	readonly steps: number;
	/** Share of the peak that a cosine ends at. */
	readonly floor: number;
}

/** Returns the learning rate of a step counted from 0. */
export function learningRateAt(step: number, { kind, peak, warmUp, steps, floor }: ScheduleOptions): number {
	if (step < warmUp) return (peak * (step + 1)) / warmUp;
	if (kind === 'constant') return peak;
	const progress = Math.min(1, (step - warmUp) / Math.max(1, steps - warmUp));
	return peak * (floor + ((1 - floor) * (1 + Math.cos(Math.PI * progress))) / 2);
}
