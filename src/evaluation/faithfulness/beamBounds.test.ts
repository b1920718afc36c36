import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { beamBounds } from './beamBounds.ts';

const words = [0, 1, 2, 3, 4];
const additive = (weights: readonly number[]) => async (sets: readonly (readonly number[])[]) =>
	sets.map((set) => set.reduce((sum, word) => sum + (weights[word] ?? 0), 0));

/** All orders. */
function limitsOf(counts: readonly number[], value: (set: readonly number[]) => number): [number, number] {
	const orders = (rest: readonly number[]): number[][] =>
		rest.length === 0
			? [[]]
			: rest.flatMap((word) => orders(rest.filter((other) => other !== word)).map((order) => [word, ...order]));
	const means = orders(words).map(
		(order) => counts.reduce((sum, count) => sum + value(order.slice(0, count)), 0) / counts.length,
	);
	return [Math.min(...means), Math.max(...means)];
}

describe('bounds by beam search', () => {
	it('are exact where words add up', async () => {
		const weights = [0.3, -0.1, 0.2, 0, 0.5];
		const { lowest, highest } = await beamBounds({ words, counts: [1, 1, 3], width: 1, evaluate: additive(weights) });
		expect(highest).toBeCloseTo((0.5 + 0.5 + 1) / 3, 12);
		expect(lowest).toBeCloseTo((-0.1 - 0.1 + 0.1) / 3, 12);
	});

	it('never leave the limits over all orders, and reach them with a wide beam that counts every step', async () => {
		const random = seededRandom('beam');
		const table = Array.from({ length: 32 }, () => random.next());
		const value = (set: readonly number[]): number => table[set.reduce((sum, word) => sum + 2 ** word, 0)] ?? NaN;
		const counts = [1, 2, 3, 4, 5];
		const [least, most] = limitsOf(counts, value);
		for (const width of [1, 2, 100]) {
			const found = await beamBounds({ words, counts, width, evaluate: async (sets) => sets.map(value) });
			expect(found.highest).toBeLessThanOrEqual(most + 1e-12);
			expect(found.lowest).toBeGreaterThanOrEqual(least - 1e-12);
			if (width === 100) {
				expect(found.highest).toBeCloseTo(most, 12);
				expect(found.lowest).toBeCloseTo(least, 12);
			}
		}
	});

	it('asks for no more than the counts need', async () => {
		let asked = 0;
		const evaluate = async (sets: readonly (readonly number[])[]) => {
			asked += sets.length;
			return sets.map(() => 0);
		};
		await beamBounds({ words, counts: [1, 2], width: 2, evaluate });
		expect(asked).toBe(2 * (5 + 7));
	});
});
