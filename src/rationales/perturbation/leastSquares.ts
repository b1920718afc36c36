/** Weighted least squares for up to a few hundred unknowns. Letters: R rows, N unknowns. */
import { InternalError } from '../../core/errors.ts';
import { widthOf, zip } from '../../core/present.ts';

export interface LeastSquares {
	/** [R][N]. */
	readonly rows: readonly (readonly number[])[];
	/** [R]. */
	readonly values: readonly number[];
	/** [R], not negative. */
	readonly weights: readonly number[];
	/** Not negative; 0 for none. */
	readonly ridge: number;
}

/** A pivot below this share of the largest diagonal entry counts as zero: the rows do not determine the unknowns. */
const SMALLEST_PIVOT = 1e-12;

/**
 * Returns argmin_x sum_r w_r (y_r - rows_r · x)^2 + ridge |x|^2 [N], by the normal equations; null where several x are
 * equally good.
 */
export function leastSquares({ rows, values, weights, ridge }: LeastSquares): number[] | null {
	const size = widthOf(rows);
	const matrix = Array.from({ length: size }, () => new Float64Array(size));
	const right = new Float64Array(size);
	for (const [row, [value, weight]] of zip(rows, zip(values, weights))) {
		for (const [i, [x, target]] of zip(row, matrix).entries()) {
			if (x === 0) continue;
			const scaled = weight * x;
			right[i] = at(right, i) + scaled * value;
			for (let j = 0; j <= i; j++) target[j] = at(target, j) + scaled * at(row, j);
		}
	}
	for (const [i, row] of matrix.entries()) row[i] = at(row, i) + ridge;
	return solvePositiveDefinite(matrix, right);
}

/**
 * Returns x with A x = b for a symmetric A [N][N], of which the lower triangle is read, and b [N]; null where A is not
 * positive definite. Cholesky: A = L L^T.
 */
export function solvePositiveDefinite(matrix: readonly ArrayLike<number>[], right: ArrayLike<number>): number[] | null {
	const size = matrix.length;
	if (right.length !== size || matrix.some((row) => row.length !== size)) {
		throw new InternalError(`a matrix of ${size} rows is not square, or does not fit ${right.length} values`);
	}
	const lower = cholesky(matrix);
	if (lower === null) return null;
	const x = Array.from(right);
	for (let i = 0; i < size; i++) {
		for (let j = 0; j < i; j++) x[i] = at(x, i) - cell(lower, i, j) * at(x, j);
		x[i] = at(x, i) / cell(lower, i, i);
	}
	for (let i = size - 1; i >= 0; i--) {
		for (let j = i + 1; j < size; j++) x[i] = at(x, i) - cell(lower, j, i) * at(x, j);
		x[i] = at(x, i) / cell(lower, i, i);
	}
	return x;
}

/** Returns L [N][N], null where a pivot vanishes. */
function cholesky(matrix: readonly ArrayLike<number>[]): Float64Array[] | null {
	const least = SMALLEST_PIVOT * Math.max(0, ...matrix.map((row, i) => at(row, i)));
	const lower: Float64Array[] = [];
	for (const [i, source] of matrix.entries()) {
		const row = new Float64Array(matrix.length);
		lower.push(row);
		for (let j = 0; j <= i; j++) {
			let rest = at(source, j);
			for (let k = 0; k < j; k++) rest -= at(row, k) * cell(lower, j, k);
			if (i === j && !(rest > least)) return null;
			row[j] = i === j ? Math.sqrt(rest) : rest / cell(lower, j, j);
		}
	}
	return lower;
}

/** The loops above end at the sizes that were checked, and they are too many for a check at every number. */
function at(row: ArrayLike<number>, index: number): number {
	return row[index] as number;
}

function cell(rows: readonly ArrayLike<number>[], i: number, j: number): number {
	return at(rows[i] as ArrayLike<number>, j);
}
