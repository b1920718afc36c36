/**
 * Shapes whose sizes may be known only when a graph runs. A dimension is a number, or a product of names and
 * numbers written with `*`: `B`, `B*T`, `3*T`.
 */
import { InternalError } from '../../core/errors.ts';

export type Dimension = number | string;
export type Shape = readonly Dimension[];

/** Returns the product of dimensions in normal form: number first, names sorted. */
export function product(...dimensions: readonly Dimension[]): Dimension {
	let factor = 1;
	const names: string[] = [];
	for (const dimension of dimensions) {
		for (const part of typeof dimension === 'number' ? [dimension] : dimension.split('*')) {
			const value = Number(part);
			if (Number.isNaN(value)) names.push(String(part));
			else factor *= value;
		}
	}
	names.sort();
	if (names.length === 0) return factor;
	return (factor === 1 ? names : [String(factor), ...names]).join('*');
}

/** Returns the shape that NumPy broadcasting gives; throws an `InternalError` when the shapes do not fit. */
export function broadcast(where: string, a: Shape, b: Shape): Dimension[] {
	const rank = Math.max(a.length, b.length);
	return Array.from({ length: rank }, (_, i) => {
		const x = a[i - rank + a.length] ?? 1;
		const y = b[i - rank + b.length] ?? 1;
		if (x === y || y === 1) return x;
		if (x === 1) return y;
		throw new InternalError(`${where}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast`);
	});
}

/** Returns the size of every name that occurs, read off actual sizes; throws when two sizes contradict each other. */
export function bindNames(where: string, shape: Shape, sizes: readonly number[], names: Map<string, number>): void {
	if (shape.length !== sizes.length) {
		throw new InternalError(`${where}: got rank ${sizes.length}, expected ${formatShape(shape)}`);
	}
	for (const [i, dimension] of shape.entries()) {
		const size = sizes[i] as number;
		const known = typeof dimension === 'number' ? dimension : names.get(dimension);
		if (known === undefined && typeof dimension === 'string' && !dimension.includes('*')) names.set(dimension, size);
		else if (known !== undefined && known !== size) {
			throw new InternalError(`${where}: got sizes [${sizes.join(', ')}], expected ${formatShape(shape)}`);
		}
	}
}

/** Returns the number a dimension stands for. */
export function sizeOf(dimension: Dimension, names: ReadonlyMap<string, number>): number {
	if (typeof dimension === 'number') return dimension;
	return dimension.split('*').reduce((size, part) => size * (names.get(part) ?? Number(part)), 1);
}

/** Returns `[B, T, 8]`. */
export function formatShape(shape: Shape): string {
	return `[${shape.join(', ')}]`;
}

/** Returns true when both shapes have the same dimensions. */
export function sameShape(a: Shape, b: Shape): boolean {
	return a.length === b.length && a.every((dimension, i) => dimension === b[i]);
}
