import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastSquares, solvePositiveDefinite } from './leastSquares.ts';

const number = fc.double({ min: -5, max: 5, noNaN: true });
const matrixOf = (rows: number, columns: number) =>
	fc.array(fc.array(number, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows });

describe('leastSquares', () => {
	it('fits a line by hand', () => {
		const rows = [0, 1, 2].map((x) => [1, x]);
		const fitted = leastSquares({ rows, values: [1, 2, 4], weights: [1, 1, 1], ridge: 0 });
		expect(fitted?.[0]).toBeCloseTo(5 / 6, 12);
		expect(fitted?.[1]).toBeCloseTo(3 / 2, 12);
	});

	it('counts a row as often as its weight says', () => {
		const fitted = leastSquares({ rows: [[1], [1]], values: [0, 4], weights: [3, 1], ridge: 0 });
		expect(fitted?.[0]).toBeCloseTo(1, 12);
	});

	it('shrinks by the ridge', () => {
		const fitted = leastSquares({ rows: [[1], [1]], values: [3, 3], weights: [1, 1], ridge: 1 });
		expect(fitted?.[0]).toBeCloseTo(2, 12);
	});

	it('says when several answers are equally good', () => {
		const same = [
			[1, 1],
			[2, 2],
		];
		expect(leastSquares({ rows: same, values: [1, 2], weights: [1, 1], ridge: 0 })).toBeNull();
		expect(leastSquares({ rows: same, values: [1, 2], weights: [1, 1], ridge: 1e-3 })).not.toBeNull();
		expect(leastSquares({ rows: [[0]], values: [1], weights: [1], ridge: 0 })).toBeNull();
	});

	it('has nothing to find without unknowns', () => {
		expect(leastSquares({ rows: [], values: [], weights: [], ridge: 0 })).toEqual([]);
	});
});

describe('solvePositiveDefinite', () => {
	it('solves A x = b', () => {
		fc.assert(
			fc.property(matrixOf(5, 5), fc.array(number, { minLength: 5, maxLength: 5 }), (root, x) => {
				const product = root.map((row, i) =>
					root.map((other, j) => row.reduce((sum, v, k) => sum + v * (other[k] ?? 0), i === j ? 1 : 0)),
				);
				const right = product.map((row) => row.reduce((sum, v, k) => sum + v * (x[k] ?? 0), 0));
				const solved = solvePositiveDefinite(product, right);
				for (const [i, value] of x.entries()) expect(solved?.[i]).toBeCloseTo(value, 6);
			}),
		);
	});

	it('refuses a matrix that is not positive definite', () => {
		const saddle = [
			[1, 0],
			[2, 1],
		];
		expect(solvePositiveDefinite(saddle, [1, 1])).toBeNull();
		expect(solvePositiveDefinite([[NaN]], [1])).toBeNull();
	});
});
