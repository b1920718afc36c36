/**
 * Label scores on a tiny random decoder in float64, by the reference evaluation: against one plain pass for each prompt
 * and label, where nothing is cached, packed or left out.
 */
import { expect, it } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { constant, input, logSoftmax } from '../../engine/graph/build.ts';
import { evaluate, type Tensor } from '../../engine/graph/evaluationRules.ts';
import type { Node } from '../../engine/graph/node.ts';
import type { Session, Value } from '../../engine/onnx/session.ts';
import type { GraphMaker } from '../graphs/graphForm.ts';
import type { TokenIds } from '../languageModel.ts';
import type { ModelConfig } from '../models/decoder.ts';
import { llama } from '../models/llama/llama.ts';
import { shared } from '../models/loadDecoder.ts';
import { createPrefixCache } from '../prefix/keyValueCache.ts';
import type { EngineContext } from '../sessions/engineContext.ts';
import { scoreLabels } from './labelScores.ts';

const config: ModelConfig = {
	file: 'config.json',
	values: {
		model_type: 'llama',
		num_hidden_layers: 2,
		hidden_size: 8,
		intermediate_size: 6,
		num_attention_heads: 2,
		num_key_value_heads: 1,
		vocab_size: 11,
		hidden_act: 'silu',
		max_position_embeddings: 64,
		rms_norm_eps: 1e-5,
		rope_theta: 10000,
	},
};
const parameters = new Map<string, Tensor>();
const decoder = llama.createDecoder(
	config,
	shared((name, shape) => {
		const sizes = shape.map(Number);
		const random = seededRandom('labels', name);
		const count = sizes.reduce((a, b) => a * b, 1);
		parameters.set(name, { sizes, data: Float64Array.from({ length: count }, () => 0.5 * random.normal()) });
		return input(name, shape);
	}),
);

function tensorOf({ sizes, data }: Value): Tensor {
	return { sizes, data: Float64Array.from(data as Iterable<number | bigint>, Number) };
}

/** A session by the reference evaluation; results are rounded to float32, as the engine's are. */
function sessionOf(maker: GraphMaker): Session<string> {
	const outputs = maker('plain');
	return {
		run: async (feeds, names = Object.keys(outputs)) => {
			const fed = Object.entries(feeds).map(([name, value]) => [name, tensorOf(value)] as const);
			const found = evaluate(
				names.map((name) => outputs[name] as Node),
				new Map([...parameters, ...fed]),
			);
			const results = found.map(({ sizes, data }, i) => [names[i], { sizes, data: Float32Array.from(data) }] as const);
			return Object.fromEntries(results) as Record<string, Value>;
		},
		release: async () => undefined,
	};
}

const context = (minimumSharedTokens: number, forward = 64): EngineContext => ({
	decoder,
	modelType: 'llama',
	session: async (_, maker) => sessionOf(maker),
	runs: { forward, gradient: 64 },
	prefixes: createPrefixCache(2 ** 20),
	minimumSharedTokens,
});

/** Returns log p of the tokens after a prompt whose blocked positions are left out, from one plain pass. */
function reference(prompt: TokenIds, label: TokenIds, blocked: readonly number[] = []): number {
	const tokens = [...prompt, ...label.slice(0, -1)].map((id, position) => ({ id, position }));
	const seen = tokens.filter(({ position }) => !blocked.includes(position));
	const row = (values: readonly number[]): Node => constant(values, [1, values.length], 'int64');
	const positions = row(seen.map(({ position }) => position));
	const { hiddenStates } = decoder.run({
		embeddings: decoder.embed(row(seen.map(({ id }) => id))),
		...{ positions, keyPositions: positions, past: null },
	});
	const [all] = evaluate([logSoftmax(decoder.logits(hiddenStates.at(-1) as Node))], parameters) as [Tensor];
	return label.reduce((sum, token, j) => {
		const place = seen.length - label.length + j;
		return sum + (all.data[place * decoder.sizes.vocabulary + token] as number);
	}, 0);
}

const instructions = [1, 4, 2, 8, 5, 7, 1, 4];
const prompts: readonly TokenIds[] = [
	[...instructions, 3, 9, 6],
	[...instructions, 3, 9, 10, 2],
	[5, 5],
	[...instructions, 3, 9, 6],
];
const sharing = [1, 8, 1000];

it.each(sharing)('gives a label of several tokens the sum of theirs, sharing from %i tokens on', async (minimum) => {
	const labels = [[2, 7], [2, 3, 9], [6]];
	const found = await scoreLabels(context(minimum), prompts, labels);
	for (const [i, prompt] of prompts.entries()) {
		for (const [c, label] of labels.entries()) {
			expect(found[i]?.logProbabilities[c]).toBeCloseTo(reference(prompt, label), 5);
		}
	}
});

it('asks for the first tokens alone where these tell the labels apart, and sums what they have of the vocabulary', async () => {
	const labels = [
		[2, 7],
		[6, 3],
	];
	const found = await scoreLabels(context(8), prompts, labels);
	for (const [i, prompt] of prompts.entries()) {
		const expected = [2, 6].map((token) => reference(prompt, [token]));
		for (const c of [0, 1]) expect(found[i]?.logProbabilities[c]).toBeCloseTo(expected[c] as number, 5);
		expect(found[i]?.mass).toBeCloseTo(
			expected.reduce((sum, value) => sum + Math.exp(value), 0),
			5,
		);
	}
});

it.each(sharing)(
	'leaves out what is blocked and keeps the others where they are, sharing from %i on',
	async (minimum) => {
		const blocked = [[8], [2, 9], [], [8, 9]];
		const labels = [[2, 7], [2, 3], [6]];
		const found = await scoreLabels(context(minimum), prompts, labels, { blocked });
		for (const [i, prompt] of prompts.entries()) {
			for (const [c, label] of labels.entries()) {
				expect(found[i]?.logProbabilities[c]).toBeCloseTo(reference(prompt, label, blocked[i]), 5);
			}
		}
	},
);

it('gives the same in small runs, and nothing for nothing', async () => {
	const labels = [[2, 7], [2, 3, 9], [6]];
	const [large, small] = [
		await scoreLabels(context(8), prompts, labels),
		await scoreLabels(context(8, 4), prompts, labels),
	];
	for (const [i, { logProbabilities }] of large.entries()) {
		for (const [c, value] of logProbabilities.entries()) {
			expect(small[i]?.logProbabilities[c]).toBeCloseTo(value, 5);
		}
	}
	expect(await scoreLabels(context(8), [], labels)).toEqual([]);
});
