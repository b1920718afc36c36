import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../core/errors.ts';
import { defaultTarget, targetOf } from './targets.ts';
import type { LabelTokens, TargetId } from './targets.ts';

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
		expect(targetOf('diff', labels, [-0.1, -3, -5], 0)).toEqual({ tokens: [11, 12], weights: [1, -1] });
		expect(targetOf('diff', labels, [-0.1, -3, -5], 2)).toEqual({ tokens: [11, 13], weights: [-1, 1] });
	});

	it('takes the logit of the first token alone', () => {
		expect(targetOf('logit', labels, [-1, -1, -1], 1)).toEqual({ tokens: [12], weights: [1] });
	});

	it('gives the log-odds the softmax over the other labels', () => {
		const { tokens, weights } = targetOf('logodds_labels', labels, [Math.log(0.2), Math.log(0.6), Math.log(0.2)], 0);
		expect(tokens).toEqual([11, 12, 13]);
		expect(weights[1]).toBeCloseTo(-0.75, 12);
		expect(weights[2]).toBeCloseTo(-0.25, 12);
	});

	it('has the gradient of the log-odds, whatever constant the log-probabilities contain', () => {
		fc.assert(
			fc.property(logits(3), fc.nat(2), fc.double({ min: -20, max: 0, noNaN: true }), (z, c, shift) => {
				const { weights } = targetOf(
					'logodds_labels',
					labels,
					z.map((value) => value + shift),
					c,
				);
				const step = 1e-5;
				const gradient = z.map((_, i) => {
					const moved = (by: number) =>
						logOdds(
							z.map((value, j) => (i === j ? value + by : value)),
							c,
						);
					return (moved(step) - moved(-step)) / (2 * step);
				});
				for (const [i, value] of gradient.entries()) expect(weights[i]).toBeCloseTo(value, 5);
			}),
		);
	});

	it('is the same for diff and log-odds with two labels', () => {
		fc.assert(
			fc.property(logits(2), fc.nat(1), (z, c) => {
				const two = labels.slice(0, 2);
				expect(targetOf('logodds_labels', two, z, c)).toEqual(targetOf('diff', two, z, c));
			}),
		);
	});

	it.each<TargetId>(['diff', 'logodds_labels'])('refuses %s where labels begin with the same token', (id) => {
		const twins = [...labels, { label: 'd', tokens: [12, 7] }];
		const make = () => targetOf(id, twins, [-1, -1, -1, -1], 0);
		expect(make).toThrow(UserError);
		expect(make).toThrow('the labels "b" and "d" begin with the same token (12)');
		expect(() => targetOf('logit', twins, [-1, -1, -1, -1], 0)).not.toThrow();
	});

	it('refuses what has no contrast, no token or no finite score', () => {
		expect(() => targetOf('diff', labels.slice(0, 1), [0], 0)).toThrow('needs at least two labels, got 1');
		expect(() => targetOf('logit', [{ label: 'x', tokens: [] }], [0], 0)).toThrow(
			'label "x": its verbalizer has no token',
		);
		expect(() => targetOf('diff', labels, [NaN, 0, 0], 0)).toThrow('Internal:');
	});
});

it('defaultTarget is the difference for two labels and the log-odds for more', () => {
	expect([2, 3, 5].map(defaultTarget)).toEqual(['diff', 'logodds_labels', 'logodds_labels']);
});
