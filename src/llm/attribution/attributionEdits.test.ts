/** Attribution rules of single blocks, in float64 by the reference evaluation. */
import { describe, expect, it } from 'vitest';
import { gradients } from '../../engine/graph/backward.ts';
import { input, multiply, scale, softmax, tagged } from '../../engine/graph/build.ts';
import { evaluate, type Tensor } from '../../engine/graph/evaluationRules.ts';
import type { Node } from '../../engine/graph/node.ts';
import { gelu, geluTanh, silu, softCap } from '../../engine/nn/activations.ts';
import { softmaxAtTemperature } from '../../engine/nn/attributionRules.ts';
import { attnLrpEdits } from './attnLrp.ts';
import { cpLrpEdits } from './cpLrp.ts';
import { gimEdits } from './gim.ts';
import { gatedProduct } from '../../engine/nn/blocks.ts';
import { layerNorm, rmsNorm } from '../../engine/nn/normalisation.ts';

const x = input('x', [2, 3]);
const weight = input('weight', [3]);
const bias = input('bias', [3]);
const upstream = input('upstream', [2, 3]);

const feeds = new Map<string, Tensor>([
	['x', { sizes: [2, 3], data: Float64Array.of(0.5, -1.2, 2, -0.3, 0, 0.9) }],
	['weight', { sizes: [3], data: Float64Array.of(1.1, 0.7, -0.4) }],
	['bias', { sizes: [3], data: Float64Array.of(0.2, -0.1, 0.3) }],
	['upstream', { sizes: [2, 3], data: Float64Array.of(0.3, 1, -0.8, 0.6, -1, 0.1) }],
]);

const valuesOf = (node: Node): number[] => [...(evaluate([node], feeds)[0] as Tensor).data];

/** Gradient of sum(y * upstream) with respect to x. */
const gradientOf = (y: Node, edits = {}): number[] => valuesOf(gradients(multiply(y, upstream), [x], edits)[0] as Node);

function expectClose(actual: readonly number[], expected: readonly number[]): void {
	for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 10);
}

const capped = (node: Node): Node => softCap(node, 1.5);
const rms = (node: Node): Node => rmsNorm(node, weight, 1e-5);

describe.each(Object.entries({ silu, gelu, geluTanh, capped, rms }))('%s', (_, block) => {
	it.each([{ edits: attnLrpEdits }, { edits: cpLrpEdits }])(
		'lets all relevance through: x * gradient = y * upstream',
		({ edits }) => {
			const relevance = valuesOf(multiply(block(x), upstream));
			const gradient = gradientOf(block(x), edits);
			expectClose(
				valuesOf(x).map((value, i) => value * (gradient[i] as number)),
				relevance,
			);
			expect(gradient.every(Number.isFinite)).toBe(true);
		},
	);
});

it('a soft cap at 0 passes the gradient', () => {
	expect(gradientOf(capped(x), attnLrpEdits)[4]).toBeCloseTo(-1, 12);
});

it('LayerNorm keeps its standard deviation and takes the mean into account', () => {
	const [dy, values] = [valuesOf(multiply(upstream, weight)), valuesOf(x)];
	const gradient = gradientOf(layerNorm(x, weight, bias, 1e-5), attnLrpEdits);
	for (const row of [0, 3]) {
		const mean = (list: readonly number[]): number => list.slice(row, row + 3).reduce((a, b) => a + b, 0) / 3;
		const variance = mean(values.map((value) => (value - mean(values)) ** 2));
		for (let i = row; i < row + 3; i++) {
			expect(gradient[i]).toBeCloseTo(((dy[i] as number) - mean(dy)) / Math.sqrt(variance + 1e-5), 10);
		}
	}
});

it('a gated product gives half to each branch in AttnLRP and GIM, all to the upper branch in CP-LRP', () => {
	const up = scale(x, 2);
	const product = gatedProduct(x, up, silu);
	const gate = valuesOf(multiply(silu(x), upstream));
	expectClose(
		gradientOf(product, cpLrpEdits),
		gate.map((value) => 2 * value),
	);
	expectClose(
		gradientOf(product, attnLrpEdits),
		gate.map((value) => 2 * value),
	);
	expectClose(
		gradientOf(product, gimEdits),
		gradientOf(product).map((value) => value / 2),
	);
});

it('the softmax gradient at temperature 1 is the ordinary one; at 2 it is that of softmax(x / 2) without a factor', () => {
	const attention = tagged('attention', softmax(x));
	const at = (temperature: number): number[] =>
		gradientOf(attention, { attention: { kind: 'replace', rule: softmaxAtTemperature(temperature) } });
	expectClose(at(1), gradientOf(attention));
	expectClose(
		at(2),
		gradientOf(softmax(scale(x, 0.5))).map((value) => 2 * value),
	);
	expectClose(gradientOf(attention, gimEdits), at(2));
});
