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

describe('labels of several spellings', () => {
	const spelled = (label: string, ...tokens: number[][]): LabelTokens => ({
		label,
		tokens: tokens[0] ?? [],
		spellings: tokens.map((own) => ({ text: String(own), tokens: own })),
	});
	const three = [spelled('a', [0], [1], [2]), spelled('b', [3]), spelled('c', [4], [5])];
	const tokensOf = [[0, 1, 2], [3], [4, 5]];
	const scoreOf = (z: readonly number[], label: number): number =>
		logSumExp((tokensOf[label] ?? []).map((t) => z[t] ?? NaN));

	it('are explained by log sum exp over them: weights are its derivatives, by differences in float64', () => {
		fc.assert(
			fc.property(logits(6), fc.constantFrom<TargetId>('diff', 'logodds_labels', 'log_probability'), (z, id) => {
				const scores = [0, 1, 2].map((label) => scoreOf(z, label));
				const foil = (scores[1] ?? 0) >= (scores[2] ?? 0) ? 1 : 2;
				const values: Readonly<Record<string, (at: readonly number[]) => number>> = {
					diff: (at) => scoreOf(at, 0) - scoreOf(at, foil),
					logodds_labels: (at) => scoreOf(at, 0) - logSumExp([scoreOf(at, 1), scoreOf(at, 2)]),
					log_probability: (at) => scoreOf(at, 0) - logSumExp([0, 1, 2].map((label) => scoreOf(at, label))),
				};
				const { tokens, weights } = targetOf(id, three, { logProbabilities: scores, answers: z }, 0);
				const step = 1e-5;
				for (const token of z.keys()) {
					const moved = (by: number): number =>
						values[id]?.(z.map((value, t) => (t === token ? value + by : value))) ?? NaN;
					const slope = (moved(step) - moved(-step)) / (2 * step);
					expect(weights[tokens.indexOf(token)] ?? 0).toBeCloseTo(slope, 6);
				}
			}),
		);
	});

	it('part where the most probable spelling does; others that begin otherwise are left out', () => {
		const two = [spelled('good', [7, 1], [8, 1]), spelled('not good', [7, 2], [8, 2])];
		const said = { logProbabilities: [-1, -2], answers: [-3, -1, -9, -2] };
		expect(targetOf('diff', two, said, 0)).toEqual({ tokens: [1, 2], weights: [1, -1], after: [8] });
	});
});
