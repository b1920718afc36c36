/**
 * The arithmetic that remains when everything that can be shared is shared: multiply-adds x 2 of matrix products,
 * normalised by the number of examples. A token after a certain beginning is computed once; keys that the causal mask
 * hides cost nothing; the head, and all of the last block but keys and values, run at the last position only.
 */
import { widthOf } from '../../src/core/present.ts';
import { startOf, type TokenisedExample } from './jobExample.ts';
import { integrationNodes } from './job.ts';
import type { ModelSizes } from './modelSizes.ts';

/** Returns GFLOP per example; `asked[i]` are the prompts of example i whose labels are scored. */
export function neededGflop(
	sizes: ModelSizes,
	examples: readonly TokenisedExample[],
	asked: readonly (readonly (readonly number[])[])[],
): number {
	const prompts = asked.flat();
	const beginnings = new Set<string>();
	let total = 0;
	for (const prompt of prompts) {
		let name = '';
		for (const [position, id] of prompt.entries()) {
			name += `${id},`;
			if (beginnings.has(name)) continue;
			beginnings.add(name);
			total += blocksFlop(sizes, position + 1, sizes.layers - 1) + lastKeysFlop(sizes);
		}
	}
	total += new Set(prompts.map(String)).size * lastPositionFlop(sizes, widthOf(prompts));
	for (const example of examples) total += (integrationNodes + 1) * gradientPass(sizes, example);
	return total / examples.length / 1e9;
}

/** One token through a number of blocks, seeing `keys` keys: weights, then q.k and weights.v. */
function blocksFlop({ hidden, inner, queryWidth, keyValueWidth }: ModelSizes, keys: number, layers: number): number {
	const weights = 2 * hidden * queryWidth + 2 * hidden * keyValueWidth + 3 * hidden * inner;
	return layers * 2 * (weights + 2 * queryWidth * keys);
}

function lastKeysFlop({ hidden, keyValueWidth }: ModelSizes): number {
	return 2 * 2 * hidden * keyValueWidth;
}

/** The rest of the last block and the head, at one position. */
function lastPositionFlop(sizes: ModelSizes, keys: number): number {
	return blocksFlop(sizes, keys, 1) - lastKeysFlop(sizes) + 2 * sizes.hidden * sizes.vocabulary;
}

/**
 * Forward and backward from the first word on: weights cost the same both ways; attention's gradient takes two products
 * for all keys (of weights and queries) and two more for the keys that are not given (of keys and values).
 */
function gradientPass(sizes: ModelSizes, { ids, words }: TokenisedExample): number {
	const start = startOf({ words });
	let total = 2 * lastPositionFlop(sizes, ids.length);
	for (let position = start; position < ids.length; position++) {
		const fresh = position + 1 - start;
		total += blocksFlop(sizes, position + 1, sizes.layers - 1) + lastKeysFlop(sizes);
		total += blocksFlop(sizes, position + 1, sizes.layers - 1) + lastKeysFlop(sizes);
		total += (sizes.layers - 1) * 2 * 2 * sizes.queryWidth * fresh;
	}
	return total;
}
