import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { drawToken, largest, reportOf } from './nextToken.ts';

/** softmax: 0.5, 0.25, 0.125, 0.125. */
const logits = Float32Array.from([0.5, 0.25, 0.125, 0.125].map(Math.log));

function shares(temperature: number, topP: number): number[] {
	const random = seededRandom('draws');
	const counts = [0, 0, 0, 0];
	for (let draw = 0; draw < 20_000; draw++) {
		const token = drawToken(logits, { temperature, topP, seed: 0 }, random);
		counts[token] = (counts[token] ?? 0) + 1;
	}
	return counts.map((count) => count / 20_000);
}

describe('drawToken', () => {
	it.each([
		['follows the probabilities', 1, 1, [0.5, 0.25, 0.125, 0.125]],
		['squares them at temperature 0.5', 0.5, 1, [16 / 22, 4 / 22, 1 / 22, 1 / 22]],
		['draws from the smallest set with the probability asked for', 1, 0.6, [2 / 3, 1 / 3, 0, 0]],
		['draws the best where that is enough', 1, 0.1, [1, 0, 0, 0]],
	])('%s', (_, temperature, topP, expected) => {
		for (const [i, share] of shares(temperature, topP).entries()) {
			expect(Math.abs(share - (expected[i] ?? 0))).toBeLessThan(0.015);
			if (expected[i] === 0) expect(share).toBe(0);
		}
	});
});

it('reports log-probabilities, the best alternatives first and equals in order', () => {
	const { token, logProbability, alternatives } = reportOf(logits, 2, 3);
	expect([token, Math.exp(logProbability)]).toEqual([2, expect.closeTo(0.125, 6)]);
	expect(alternatives.map((one) => [one.token, Math.exp(one.logProbability)])).toEqual([
		[0, expect.closeTo(0.5, 6)],
		[1, expect.closeTo(0.25, 6)],
		[2, expect.closeTo(0.125, 6)],
	]);
	expect(reportOf(logits, 0, 0).alternatives).toEqual([]);
});

it('takes the largest, among some where they are named', () => {
	expect(largest(logits)).toBe(0);
	expect(largest(logits, [2, 3])).toBe(2);
});
