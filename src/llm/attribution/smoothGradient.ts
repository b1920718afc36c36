import { seededRandom } from '../../core/random.ts';
import type { ExplainedPrompt, MultiPassAttribution } from '../languageModel.ts';
import { floatsOf, vector } from '../graphs/feeds.ts';
import { noiseGraph } from './pathGraphs.ts';
import { inRuns, openPrompt, pointFeeds } from './pathPoints.ts';
import type { EngineContext } from '../sessions/engineContext.ts';
import type { MultiPassMethod, RequestOf } from './method.ts';

/**
 * s_i = || mean_m dt/dE_i(E + noise_m) ||_2 over 20 draws of normal noise on the tokens of the text's words, with 0.15
 * times the standard deviation of their embeddings (docs/methods.md A.7): saliency.l2 of the smoothed gradient.
 */
export const smoothGrad: MultiPassMethod<'smoothGradient'> = {
	kind: 'multiPass',
	declaration: {
		id: 'smooth_grad',
		title: 'SmoothGrad',
		family: 'attribution',
		needs: 'gradients',
		signed: false,
		targetSpecific: true,
		aggregation: 'max',
		source: 'Smilkov et al. 2017 (arXiv 1706.03825)',
		diagnostics: { samples: 'noisy copies' },
	},
	requestKind: 'smoothGradient',
	request: () => ({ kind: 'smoothGradient', samples: 20, spread: 0.15 }),
	cost: ({ samples }) => ({ forward: samples, backward: samples, bound: 'exact' }),
	attribute,
};

/**
 * Returns s [T], s_i = || mean_m dt/dE_i(E + noise_m) ||_2 at the explained positions, 0 elsewhere; noise_m ~ N(0,
 * (spread * deviation of E)^2) at these positions, the same for all targets (Smilkov et al. 2017; docs/methods.md
 * A.7). Diagnostic: `samples`.
 */
async function attribute(
	context: EngineContext,
	prompt: ExplainedPrompt,
	{ samples, spread }: RequestOf<'smoothGradient'>,
): Promise<MultiPassAttribution> {
	const { ids, explained, seed } = prompt;
	const width = context.decoder.sizes.hidden;
	const opened = await openPrompt(context, prompt);
	const { tokens } = opened;
	const places = explained.map((position) => position - opened.cache.length);
	const graph = await context.session(`noise ${spread}`, (form) => noiseGraph(context.decoder, spread, form));
	const runs = await inRuns(context, tokens, [...new Array(samples).keys()], async (numbers) => {
		const noise = noiseOf(numbers, seed, { places, tokens, width });
		const results = await graph.run({
			...pointFeeds(context, opened, numbers.length),
			noise: { data: noise, sizes: [numbers.length, tokens, width] },
			isExplained: { data: marks(numbers.length, places, tokens), sizes: [numbers.length, tokens] },
			explained: vector(places),
		});
		return [floatsOf(results, 'gradients')];
	});
	const scores = new Float32Array(ids.length);
	for (const [index, position] of explained.entries()) {
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
