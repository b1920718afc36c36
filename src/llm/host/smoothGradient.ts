import { seededRandom } from '../../core/random.ts';
import type { MultiPassAttribution, MultiPassRequest } from '../languageModel.ts';
import { floatsOf, vector } from './feeds.ts';
import { noiseGraph } from './pathGraphs.ts';
import { inRuns, type OpenPrompt, pointFeeds } from './points.ts';

/**
 * Returns s [T], s_i = || mean_m dt/dE_i(E + noise_m) ||_2 at the explained positions, 0 elsewhere; noise_m ~
 * N(0, (spread * deviation of E)^2) at these positions, the same for all targets (Smilkov et al. 2017, equation 1;
 * methods.md A.7). Diagnostic: `samples`.
 */
export async function smoothGradient(
	opened: OpenPrompt,
	{ samples, spread }: MultiPassRequest & { readonly kind: 'smoothGradient' },
): Promise<MultiPassAttribution> {
	const { context, prompt, prefix, tail } = opened;
	const width = context.decoder.sizes.hidden;
	const name = `noise ${spread}, ${prefix.length > 0}`;
	const graph = await context.session(name, () => noiseGraph(context.decoder, prefix.length > 0, spread));
	const places = prompt.explained.map((position) => position - prefix.length);
	const runs = await inRuns(context, tail.length, [...new Array(samples).keys()], async (numbers) => {
		const noise = noiseOf(numbers, prompt.seed, { places, tokens: tail.length, width });
		const results = await graph.run({
			...pointFeeds(opened, numbers.length),
			noise: { data: noise, sizes: [numbers.length, tail.length, width] },
			isExplained: { data: marks(numbers.length, places, tail.length), sizes: [numbers.length, tail.length] },
			explained: vector(places),
		});
		return [floatsOf(results, 'gradients')];
	});
	const scores = new Float32Array(prompt.ids.length);
	for (const [index, position] of prompt.explained.entries()) {
		const means = Array.from({ length: width }, (_, k) =>
			runs.reduce((total, run) => total + (run[index * width + k] as number) / samples, 0),
		);
		scores[position] = Math.hypot(...means);
	}
	return { scores, diagnostics: { samples } };
}

interface NoiseShape {
	readonly places: readonly number[];
	readonly tokens: number;
	readonly width: number;
}

/** Returns standard normal numbers [B, T, D] at the explained places; sample m is the same in any batch. */
function noiseOf(
	numbers: readonly number[],
	seed: number | string,
	{ places, tokens, width }: NoiseShape,
): Float32Array {
	const noise = new Float32Array(numbers.length * tokens * width);
	for (const [row, m] of numbers.entries()) {
		const random = seededRandom(seed, 'smooth_grad', m);
		for (const place of places) {
			const start = (row * tokens + place) * width;
			for (let k = 0; k < width; k++) noise[start + k] = random.normal();
		}
	}
	return noise;
}

/** Returns [B, T] with 1 at the explained places. */
function marks(rows: number, places: readonly number[], tokens: number): Float32Array {
	const isExplained = new Set(places);
	return Float32Array.from({ length: rows * tokens }, (_, i) => Number(isExplained.has(i % tokens)));
}
