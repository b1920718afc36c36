/** What the options of a rotary family change: the weights that are asked for, and what embeddings and logits become. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { add, constant, input, scalar, sigmoid } from '../../../engine/graph/build.ts';
import { evaluate, type Tensor } from '../../../engine/graph/evaluationRules.ts';
import type { Node } from '../../../engine/graph/node.ts';
import type { DecoderSizes } from '../decoder.ts';
import { type RotaryOptions, rotaryFamily } from './rotaryFamily.ts';

const sizes: DecoderSizes = {
	layers: 1,
	hidden: 4,
	heads: 2,
	keyValueHeads: 1,
	headWidth: 2,
	vocabulary: 3,
	contextLength: 8,
};
const options: RotaryOptions = {
	sizes,
	innerWidth: 6,
	activation: sigmoid,
	epsilon: 1e-5,
	tiedHead: false,
	rotary: () => ({ frequencies: [1], magnitude: 1 }),
};

/** Returns the decoder of a family with these options, and the shapes of the weights it asked for. */
function decoderOf(more: Partial<RotaryOptions> = {}) {
	const asked = new Map<string, readonly unknown[]>();
	const parameter = (name: string, shape: readonly (number | string)[]): Node => {
		asked.set(name, shape);
		return input(name, shape);
	};
	const family = rotaryFamily('any', z.object({}), () => ({ ...options, ...more }));
	const config = { file: 'config.json', values: {} };
	const decoder = family.createDecoder(config, parameter);
	decoder.run({
		embeddings: input('embeddings', [2, sizes.hidden]),
		...{ positions: positions([0, 1]), keyPositions: positions([0, 1]), past: null },
	});
	return { family, config, decoder, asked };
}

const positions = (values: readonly number[]): Node => constant(values, [1, values.length], 'int64');
const table: Tensor = { sizes: [3, 4], data: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, -1, 0, 1, 0) };
const valuesOf = (node: Node, feeds: readonly (readonly [string, Tensor])[]): number[] => [
	...(evaluate([node], new Map(feeds))[0] as Tensor).data,
];

const layer = 'model.layers.0';
const inLlama2 = {
	'model.embed_tokens.weight': [3, 4],
	'lm_head.weight': [3, 4],
	'model.norm.weight': [4],
	[`${layer}.input_layernorm.weight`]: [4],
	[`${layer}.post_attention_layernorm.weight`]: [4],
	[`${layer}.self_attn.q_proj.weight`]: [4, 4],
	[`${layer}.self_attn.k_proj.weight`]: [2, 4],
	[`${layer}.self_attn.v_proj.weight`]: [2, 4],
	[`${layer}.self_attn.o_proj.weight`]: [4, 4],
	[`${layer}.mlp.gate_proj.weight`]: [6, 4],
	[`${layer}.mlp.up_proj.weight`]: [6, 4],
	[`${layer}.mlp.down_proj.weight`]: [4, 6],
};

/** Returns the weights that options add to those of Llama 2 and those they leave out. */
function changed(more: Partial<RotaryOptions>): { added: object; gone: string[] } {
	const { asked } = decoderOf(more);
	return {
		added: Object.fromEntries([...asked].filter(([name]) => !(name in inLlama2))),
		gone: Object.keys(inLlama2).filter((name) => !asked.has(name)),
	};
}

describe('the weights', () => {
	it('are those of Llama 2 where nothing is said', () => {
		expect(Object.fromEntries(decoderOf().asked)).toEqual(inLlama2);
	});

	it.each<[string, Partial<RotaryOptions>, { added: object; gone: string[] }]>([
		['a tied head', { tiedHead: true }, { added: {}, gone: ['lm_head.weight'] }],
		[
			'biases of q, k and v',
			{ biases: { queryKeyValue: true, attentionOutput: false, mlp: false } },
			{
				added: {
					[`${layer}.self_attn.q_proj.bias`]: [4],
					[`${layer}.self_attn.k_proj.bias`]: [2],
					[`${layer}.self_attn.v_proj.bias`]: [2],
				},
				gone: [],
			},
		],
		[
			'joined weights',
			{ joinedWeights: true },
			{
				added: { [`${layer}.self_attn.qkv_proj.weight`]: [8, 4], [`${layer}.mlp.gate_up_proj.weight`]: [12, 4] },
				gone: [
					...['q', 'k', 'v'].map((part) => `${layer}.self_attn.${part}_proj.weight`),
					...['gate', 'up'].map((part) => `${layer}.mlp.${part}_proj.weight`),
				],
			},
		],
		[
			'norms of heads',
			{ headNorms: true },
			{ added: { [`${layer}.self_attn.q_norm.weight`]: [2], [`${layer}.self_attn.k_norm.weight`]: [2] }, gone: [] },
		],
		[
			'norms after attention and MLP, none before attention',
			{ norms: { beforeAttention: null, beforeMlp: 'before', afterAttention: 'afterA', afterMlp: 'afterM' } },
			{
				added: {
					[`${layer}.before.weight`]: [4],
					[`${layer}.afterA.weight`]: [4],
					[`${layer}.afterM.weight`]: [4],
				},
				gone: ['input_layernorm', 'post_attention_layernorm'].map((name) => `${layer}.${name}.weight`),
			},
		],
	])('change with %s', (_, more, expected) => {
		expect(changed(more)).toEqual(expected);
	});
});

describe('the numbers', () => {
	const rows = constant([1, 0, 0, 0, 0, 0, 0, 2], [2, 4]);
	const logitsOf = (more: Partial<RotaryOptions>): number[] =>
		valuesOf(decoderOf(more).decoder.logits(rows), [['lm_head.weight', table]]);

	it('embed ids, scaled where that is asked for', () => {
		const embedded = (more: Partial<RotaryOptions>): number[] =>
			valuesOf(decoderOf(more).decoder.embed(positions([2, 0])), [['model.embed_tokens.weight', table]]);
		expect(embedded({})).toEqual([-1, 0, 1, 0, 1, 2, 3, 4]);
		expect(embedded({ embeddingScale: 3 })).toEqual([-3, 0, 3, 0, 3, 6, 9, 12]);
	});

	it('multiply rows by the head, and cap the logits softly', () => {
		expect(logitsOf({})).toEqual([1, 5, -1, 8, 16, 0]);
		expect(logitsOf({ logitScale: 0.5 })).toEqual([0.5, 2.5, -0.5, 4, 8, 0]);
		const capped = [1, 5, -1, 8, 16, 0].map((logit) => 4 * Math.tanh(logit / 4));
		for (const [i, logit] of logitsOf({ logitCap: 4 }).entries()) expect(logit).toBeCloseTo(capped[i] as number, 6);
	});

	it('take what a stored norm weight stands for', () => {
		const finalNorm = (more: Partial<RotaryOptions>): number[] => {
			const { decoder } = decoderOf({ ...more, sizes: { ...sizes, layers: 0 } });
			const { hiddenStates } = decoder.run({
				embeddings: rows,
				...{ positions: positions([0, 1]), keyPositions: positions([0, 1]), past: null },
			});
			const weight: Tensor = { sizes: [4], data: Float64Array.of(1, 1, 1, 1) };
			return valuesOf(hiddenStates.at(-1) as Node, [['model.norm.weight', weight]]);
		};
		const plain = finalNorm({});
		expect(plain[0]).toBeCloseTo(2, 4);
		const shifted = finalNorm({ normWeight: (weight) => add(weight, scalar(1)) });
		for (const [i, value] of shifted.entries()) expect(value).toBeCloseTo(2 * (plain[i] as number), 9);
	});
});

it('reads sizes without weights', () => {
	const { family, config } = decoderOf();
	expect(family.readSizes(config)).toEqual(sizes);
});
