import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../core/errors.ts';
import { defaultTarget, targetOf } from './targets.ts';
import type { AnswerTarget, LabelTokens, TargetId } from './targets.ts';

/** The target of labels of one spelling each. */
const targetAt = (
	id: TargetId,
	own: readonly LabelTokens[],
	logProbabilities: readonly number[],
	explained: number,
	foil: number | null = null,
): AnswerTarget => targetOf(id, own, { logProbabilities }, explained, foil);

const labels: LabelTokens[] = [
	{ label: 'a', tokens: [11, 1] },
	{ label: 'b', tokens: [12] },
	{ label: 'c', tokens: [13, 1, 2] },
];

const logits = (count: number) =>
	fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: count, maxLength: count });

function logSumExp(values: readonly number[]): number {
	return Math.log(values.reduce((sum, value) => sum + Math.exp(value), 0));
}

/** The exact log-odds of label c as a function of all labels' logits. */
function logOdds(z: readonly number[], c: number): number {
	return (z[c] ?? NaN) - logSumExp(z.filter((_, label) => label !== c));
}

describe('targetOf', () => {
	it('contrasts with the most probable other label', () => {
		expect(targetAt('diff', labels, [-0.1, -3, -5], 0)).toEqual({ tokens: [11, 12], weights: [1, -1], after: [] });
		expect(targetAt('diff', labels, [-0.1, -3, -5], 2)).toEqual({ tokens: [11, 13], weights: [-1, 1], after: [] });
	});

	it('takes the logit of the first token alone', () => {
		expect(targetAt('logit', labels, [-1, -1, -1], 1)).toEqual({ tokens: [12], weights: [1], after: [] });
	});

	it('gives the log-odds the softmax over the other labels', () => {
		const { tokens, weights } = targetAt('logodds_labels', labels, [Math.log(0.2), Math.log(0.6), Math.log(0.2)], 0);
		expect(tokens).toEqual([11, 12, 13]);
		expect(weights[1]).toBeCloseTo(-0.75, 12);
		expect(weights[2]).toBeCloseTo(-0.25, 12);
	});

	it('is the same for diff and log-odds with two labels', () => {
		fc.assert(
			fc.property(logits(2), fc.nat(1), (z, c) => {
				const two = labels.slice(0, 2);
				expect(targetAt('logodds_labels', two, z, c)).toEqual(targetAt('diff', two, z, c));
			}),
		);
	});

	it.each<[TargetId, (z: readonly number[], c: number) => number]>([
		['logodds_labels', logOdds],
		['log_probability', (z, c) => (z[c] ?? NaN) - logSumExp(z)],
		['probability', (z, c) => Math.exp((z[c] ?? NaN) - logSumExp(z))],
	])('%s has the gradient of its formula', (id, formula) => {
		fc.assert(
			fc.property(logits(3), fc.nat(2), (z, c) => {
				const { weights } = targetAt(id, labels, z, c);
				const step = 1e-5;
				for (const [i, weight] of weights.entries()) {
					const moved = (by: number) =>
						formula(
							z.map((value, j) => (i === j ? value + by : value)),
							c,
						);
					expect(weight).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 5);
				}
			}),
		);
	});

	it('begins after what the labels have in common', () => {
		const negated = [
			{ label: 'a', tokens: [7, 8, 1] },
			{ label: 'b', tokens: [7, 8, 2] },
		];
		expect(targetAt('diff', negated, [-1, -2], 0)).toEqual({ tokens: [1, 2], weights: [1, -1], after: [7, 8] });
		expect(targetAt('logit', negated, [-1, -2], 1)).toEqual({ tokens: [2], weights: [1], after: [7, 8] });
	});

	it('adds the terms of labels that go on with the same token', () => {
		const twins = [...labels, { label: 'd', tokens: [12, 7] }];
		const { tokens, weights } = targetAt('logodds_labels', twins, [-1, -1, -1, -1], 0);
		expect(tokens).toEqual([11, 12, 13]);
		expect(weights[1]).toBeCloseTo(-2 / 3, 12);
	});

	it('refuses labels that part at different places, but for a contrast of two', () => {
		const twins = [...labels, { label: 'd', tokens: [11, 7] }];
		const make = () => targetAt('logodds_labels', twins, [-1, -1, -1, -2], 0);
		expect(make).toThrow(UserError);
		expect(make).toThrow('the answer for the label "a" parts from "b" earlier than from "d"');
		expect(targetAt('diff', twins, [-1, -1, -1, -2], 0, 3)).toEqual({ tokens: [1, 7], weights: [1, -1], after: [11] });
		const longer = [
			{ label: 'a', tokens: [1] },
			{ label: 'b', tokens: [1, 2] },
		];
		expect(() => targetAt('diff', longer, [-1, -1], 0)).toThrow('begins with the whole of its own');
	});

	it('refuses what has no contrast, no token or no finite score', () => {
		expect(() => targetAt('diff', labels.slice(0, 1), [0], 0)).toThrow('needs at least two labels, got 1');
		expect(() => targetAt('logit', [{ label: 'x', tokens: [] }], [0], 0)).toThrow(
			'label "x": its verbalizer has no token',
		);
		expect(() => targetAt('diff', labels, [NaN, 0, 0], 0)).toThrow('Internal:');
	});
});

it('defaultTarget is the difference for two labels and the log-odds for more', () => {
	expect([2, 3, 5].map(defaultTarget)).toEqual(['diff', 'logodds_labels', 'logodds_labels']);
});
