/** Learning rate by step. */

/**
 * What follows the warm-up: `constant`; `cosine`, half a cosine down to the floor (Loshchilov & Hutter 2017);
 * `warmup_stable_decay`, constant and over the last fifth of all steps a line down to the floor (Hu et al. 2024, MiniCPM,
 * section 4).
 */
export const scheduleKinds = ['cosine', 'constant', 'warmup_stable_decay'] as const;

export interface ScheduleOptions {
	readonly kind: (typeof scheduleKinds)[number];
	/** Learning rate after the warm-up. */
	readonly peak: number;
	/** Steps over which the rate rises linearly from 0. */
	readonly warmUp: number;
	readonly steps: number;
	/** Share of the peak at the end. */
	readonly floor: number;
}

const decayingShare = 0.2;

/** Returns the learning rate of a step counted from 0. */
export function learningRateAt(step: number, { kind, peak, warmUp, steps, floor }: ScheduleOptions): number {
	if (step < warmUp) return (peak * (step + 1)) / warmUp;
	if (kind === 'constant') return peak;
	const start = kind === 'cosine' ? warmUp : Math.max(warmUp, (1 - decayingShare) * steps);
	const progress = Math.min(1, Math.max(0, (step - start) / Math.max(1, steps - start)));
	const left = kind === 'cosine' ? (1 + Math.cos(Math.PI * progress)) / 2 : 1 - progress;
	return peak * (floor + (1 - floor) * left);
}
