/** The next token by its logits z [V]: the best, a drawn one, or a report of the best ones. Letter: V vocabulary. */
import { lastOf } from '../../core/present.ts';
import type { Random } from '../../core/random.ts';
import type { ReportedToken, Sampling, ScoredToken } from '../languageModel.ts';

/** Returns the index of the largest value, among `indices` where there are any; the first one where several are equal. */
export function largest(values: Float32Array, indices: readonly number[] = []): number {
	let [best = 0] = indices;
	const compare = (i: number): void => {
		if ((values[i] as number) > (values[best] as number)) best = i;
	};
	if (indices.length > 0) for (const i of indices) compare(i);
	else for (let i = 0; i < values.length; i++) compare(i);
	return best;
}

/**
 * Returns a token drawn from softmax(z / temperature), restricted to the smallest set of most probable tokens that has
 * probability `topP` (nucleus sampling, Holtzman et al. 2020, arXiv 1904.09751).
 */
export function drawToken(logits: Float32Array, { temperature, topP }: Sampling, random: Random): number {
	const highest = logits[largest(logits)] as number;
	const weights = Float64Array.from(logits, (logit) => Math.exp((logit - highest) / temperature));
	const order = topP < 1 ? byFalling(weights) : [...weights.keys()];
	const kept = topP < 1 ? nucleus(order, weights, topP) : order;
	let left = random.next() * sumOf(kept, weights);
	for (const token of kept) {
		left -= weights[token] as number;
		if (left < 0) return token;
	}
	return largest(logits);
}

/** Returns the token's log-probability and the `count` most probable tokens, best first. */
export function reportOf(logits: Float32Array, token: number, count: number): ReportedToken {
	const highest = logits[largest(logits)] as number;
	let sum = 0;
	for (const logit of logits) sum += Math.exp(logit - highest);
	const normaliser = highest + Math.log(sum);
	const scored = (id: number): ScoredToken => ({ token: id, logProbability: (logits[id] as number) - normaliser });
	return { ...scored(token), alternatives: bestTokens(logits, count).map(scored) };
}

/** Returns the indices of the `count` largest values, best first. */
function bestTokens(logits: Float32Array, count: number): number[] {
	if (count === 0) return [];
	const best: number[] = [];
	let least = -Infinity;
	for (let token = 0; token < logits.length; token++) {
		const value = logits[token] as number;
		if (best.length === count && value <= least) continue;
		const place = best.findIndex((other) => (logits[other] as number) < value);
		best.splice(place < 0 ? best.length : place, 0, token);
		if (best.length > count) best.pop();
		least = logits[lastOf(best)] as number;
	}
	return best;
}

function byFalling(weights: Float64Array): number[] {
	return [...weights.keys()].toSorted((a, b) => (weights[b] as number) - (weights[a] as number));
}

function nucleus(order: readonly number[], weights: Float64Array, topP: number): number[] {
	const wanted = topP * sumOf(order, weights);
	let sum = 0;
	const count = order.findIndex((token) => (sum += weights[token] as number) >= wanted);
	return order.slice(0, count < 0 ? order.length : count + 1);
}

function sumOf(tokens: readonly number[], weights: Float64Array): number {
	return tokens.reduce((sum, token) => sum + (weights[token] as number), 0);
}
