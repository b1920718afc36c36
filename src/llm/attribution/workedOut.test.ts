/**
 * Methods of several passes on a network small enough to follow on paper. Its blocks spread attention evenly and add the
 * mean of what stands before to each token: Y_i = X_i + mean over j <= i of X_j. The target is (Y_q w)^2 with w = (1, 1), q
 * the last token, so that its gradient differs from place to place.
 */
import { expect, it } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { concat, constant, gatherRows, multiply, reshape, scale, sum } from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';
import { product } from '../../engine/graph/shape.ts';
import { createSession } from '../../engine/onnx/session.ts';
import type { ExplainedPrompt } from '../languageModel.ts';
import type { Decoder } from '../models/decoder.ts';
import { preNormDecoder } from '../models/parts/preNormDecoder.ts';
import { createPrefixCache } from '../prefix/keyValueCache.ts';
import type { EngineContext } from '../sessions/engineContext.ts';
import { integratedGradients } from './integratedGradients.ts';
import { smoothGrad } from './smoothGradient.ts';
import { valueZeroing } from './valueZeroing.ts';

type Vector = readonly [number, number];

const width = 2;
const same = (x: Node): Node => x;

/** Returns the network over tokens with these embeddings. */
function network(embeddings: readonly Vector[], layers = 1): Decoder {
	const table = constant(embeddings.flat(), [embeddings.length, width]);
	const w = constant([1, 1], [1, width]);
	return preNormDecoder({
		sizes: { layers, hidden: width, heads: 1, keyValueHeads: 1, headWidth: width, vocabulary: 2, contextLength: 16 },
		embed: (ids) => reshape(gatherRows(table, ids), [product(...ids.shape), width]),
		block: () => ({
			attentionNorm: same,
			project: (x) => [scale(x, 0), scale(x, 0), x],
			headNorms: null,
			rotary: null,
			window: null,
			scores: { scale: 1, cap: null },
			attentionOutput: same,
			mlpNorm: same,
			mlp: (x) => scale(x, 0),
		}),
		finalNorm: same,
		logits: (rows) => {
			const projected = sum(multiply(rows, w), [1]);
			return concat([multiply(projected, projected), scale(projected, 0)], 1, 2);
		},
	});
}

function contextOf(decoder: Decoder): EngineContext {
	return {
		decoder,
		modelType: 'worked out',
		session: (_, graph) =>
			createSession(graph('plain'), {
				prepack: false,
				weightsFolder: '.',
				place: (name) => {
					throw new Error(`no weight ${name}`);
				},
			}),
		runs: { forward: 1024, gradient: 1024 },
		prefixes: createPrefixCache(0),
		minimumSharedTokens: 1024,
	};
}

/** The neutral token, two that are explained, the last one: x w is 1, 3, 4 and 2. */
const tokens: readonly Vector[] = [
	[0, 1],
	[1, 2],
	[3, 1],
	[1, 1],
];
const prompt: ExplainedPrompt = {
	ids: [1, 2, 3],
	target: { tokens: [0], weights: [1] },
	explained: [0, 1],
	seed: 7,
};

it('integrated gradients: (E - B) times the mean gradient on the way', async () => {
	// Y_q w is 2 + (3 + 4 + 2) / 3 = 5, and 2 + (1 + 1 + 2) / 3 = 10/3 with neutral tokens. At share a of the way the gradient of
	// the target is 2 (10/3 + a (5 - 10/3)) w / 3, and its mean over a is (10/3 + 5) w / 3 = 25/9 w.
	// So s = (3 - 1) 25/9 and (4 - 1) 25/9; gradient times input would be (3 - 1) 30/9 and (4 - 1) 30/9.
	const request = { kind: 'integratedGradients', neutralToken: 0, nodes: 2, nodeLimit: 2, tolerance: 0 } as const;
	const { scores, diagnostics } = await integratedGradients.attribute(contextOf(network(tokens)), prompt, request);
	expect([...scores]).toEqual([expect.closeTo(50 / 9, 4), expect.closeTo(75 / 9, 4), 0]);
	// They sum to 5^2 - (10/3)^2 = 125/9.
	expect(diagnostics['completenessError']).toBeLessThan(1e-6);
});

it('smooth_grad: the norm of the mean gradient at noisy points', async () => {
	// The numbers of the explained embeddings are 1, 2, 3 and 1: their deviation is sqrt(0.6875). With noise n on both tokens,
	// Y_q w is 5 + sum(n) / 3, and its gradient 2 (5 + sum(n) / 3) w / 3; |w| is sqrt(2).
	const [samples, spread] = [3, 0.5];
	const noise = Array.from({ length: samples }, (_, m) => {
		const random = seededRandom(prompt.seed, 'smooth_grad', m);
		return Array.from({ length: 4 }, () => random.normal() * spread * Math.sqrt(0.6875)).reduce((a, b) => a + b, 0);
	});
	const meanNoise = noise.reduce((a, b) => a + b, 0) / samples;
	const expected = (2 / 3) * (5 + meanNoise / 3) * Math.SQRT2;
	expect(Math.abs(meanNoise)).toBeGreaterThan(0.01);
	const request = { kind: 'smoothGradient', samples, spread } as const;
	const { scores } = await smoothGrad.attribute(contextOf(network(tokens)), prompt, request);
	expect([...scores]).toEqual([expect.closeTo(expected, 4), expect.closeTo(expected, 4), 0]);
});

it('value zeroing, one block: how far its output turns without the values of a token', async () => {
	// Y_q is (0, 0) + ((3, 0) + (0, 4) + (0, 0)) / 3, in the direction of (3, 4). Without the first token's values it is that of
	// (0, 4): the cosine is 4/5. Without the second's that of (3, 0): 3/5. Without its own it stays. Of 1/5, 2/5 and 0, 1/3, 2/3, 0.
	const decoder = network([
		[3, 0],
		[0, 4],
		[0, 0],
	]);
	const own = { ...prompt, ids: [0, 1, 2] };
	const { scores } = await valueZeroing.attribute(contextOf(decoder), own, { kind: 'valueZeroing' });
	expect([...scores]).toEqual([expect.closeTo(1 / 3, 5), expect.closeTo(2 / 3, 5), expect.closeTo(0, 5)]);
});

it('value zeroing, two blocks: the last row of C_2 C_1, each block from its own clean input', async () => {
	const embeddings: readonly Vector[] = [
		[3, 0],
		[0, 4],
		[1, -1],
	];
	const own = { ...prompt, ids: [0, 1, 2] };
	const { scores } = await valueZeroing.attribute(contextOf(network(embeddings, 2)), own, { kind: 'valueZeroing' });
	const [first, second] = [contributions(embeddings), contributions(blockOf(embeddings))];
	const expected = embeddings.map((_, j) =>
		first.reduce((total, row, i) => total + (second[2]?.[i] ?? NaN) * (row[j] ?? NaN), 0),
	);
	expect([...scores]).toEqual(expected.map((score) => expect.closeTo(score, 5) as number));
});

/** Returns Y of X, the values of token `without` set to 0. */
function blockOf(x: readonly Vector[], without: number | null = null): Vector[] {
	return x.map(([a, b], i) => {
		const seen = x.slice(0, i + 1).filter((_, j) => j !== without);
		const added = (k: 0 | 1): number => seen.reduce((total, value) => total + value[k], 0) / (i + 1);
		return [a + added(0), b + added(1)];
	});
}

/** Returns C [T, T] of a block: 1 - cos of each output with and without each token's values, rows normalised. */
function contributions(x: readonly Vector[]): number[][] {
	const clean = blockOf(x);
	const turned = x.map((_, j) => blockOf(x, j).map((output, i) => 1 - cosineOf(output, clean[i] as Vector)));
	return x.map((_, i) => {
		const row = x.map((__, j) => (j <= i ? (turned[j]?.[i] ?? NaN) : 0));
		const total = row.reduce((a, b) => a + b, 0);
		return row.map((value) => (total < 1e-12 ? 0 : value / total));
	});
}

function cosineOf(a: Vector, b: Vector): number {
	return (a[0] * b[0] + a[1] * b[1]) / (Math.hypot(...a) * Math.hypot(...b));
}
