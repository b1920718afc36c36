/** AdamW (Loshchilov & Hutter 2019, algorithm 2), as state and one update. */

export interface AdamWOptions {
	readonly beta1: number;
	readonly beta2: number;
	readonly epsilon: number;
	/** Decoupled: each step multiplies a parameter by 1 - learningRate * weightDecay. */
	readonly weightDecay: number;
}

export const adamWDefaults: AdamWOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 };

/** Running means of the gradient and of its square, for one parameter. */
export interface AdamWMoments {
	readonly first: Float32Array;
	readonly second: Float32Array;
}

/** Returns moments that start at zero. */
export function createMoments(length: number): AdamWMoments {
	return { first: new Float32Array(length), second: new Float32Array(length) };
}

/**
 * Changes `parameter` and `moments` in place: m = b1 m + (1-b1) g, v = b2 v + (1-b2) g^2,
 * p = p (1 - lr wd) - lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps), with t = `step` counted from 1.
 */
export function updateAdamW(
	parameter: Float32Array,
	gradient: Float32Array,
	moments: AdamWMoments,
	{ step, learningRate }: { readonly step: number; readonly learningRate: number },
	{ beta1, beta2, epsilon, weightDecay }: AdamWOptions,
): void {
	const { first, second } = moments;
	const stepSize = learningRate / (1 - beta1 ** step);
	const secondScale = 1 / (1 - beta2 ** step);
	const decay = 1 - learningRate * weightDecay;
	for (let i = 0; i < parameter.length; i++) {
		const g = gradient[i] as number;
		const m = beta1 * (first[i] as number) + (1 - beta1) * g;
		const v = beta2 * (second[i] as number) + (1 - beta2) * g * g;
		first[i] = m;
		second[i] = v;
		parameter[i] = (parameter[i] as number) * decay - (stepSize * m) / (Math.sqrt(v * secondScale) + epsilon);
	}
}

/** Returns the joint L2 norm of gradients. */
export function gradientNorm(gradients: Iterable<Float32Array>): number {
	let total = 0;
	for (const gradient of gradients) for (const g of gradient) total += g * g;
	return Math.sqrt(total);
}

/** Scales the gradients, whose joint norm is given, in place so that it is at most `limit`. */
export function clipGradients(gradients: Iterable<Float32Array>, norm: number, limit: number): void {
	if (norm <= limit || norm === 0) return;
	for (const gradient of gradients)
		for (let i = 0; i < gradient.length; i++) gradient[i] = ((gradient[i] as number) * limit) / norm;
}
