/** One place of a quadrature on [0, 1]. */
export interface QuadratureNode {
	readonly node: number;
	readonly weight: number;
}

/**
 * Returns `count` nodes on [0, 1], rising, with weights that sum to 1: exact for polynomials of degree 2 count - 1.
 * Newton's method on the Legendre polynomial (Press et al., Numerical Recipes, section 4.6).
 */
export function gaussLegendre(count: number): QuadratureNode[] {
	return Array.from({ length: count }, (_, i) => {
		let x = -Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
		let slope = 0;
		for (let iteration = 0; iteration < 100; iteration++) {
			let [before, value] = [1, x];
			for (let k = 2; k <= count; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
			slope = (count * (x * value - before)) / (x * x - 1);
			const step = value / slope;
			x -= step;
			if (Math.abs(step) < 1e-16) break;
		}
		return { node: (1 + x) / 2, weight: 1 / ((1 - x * x) * slope * slope) };
	});
}
