/** Activations in the form x * factor(x); the factor is tagged, so that attribution rules can hold it constant. */
import { add, erf, multiply, scalar, scale, sigmoid, tagged, tanh } from '../graph/build.ts';
import type { Node } from '../graph/node.ts';

/** Returns x * sigmoid(x) (Ramachandran et al. 2017). */
export function silu(x: Node): Node {
	return multiply(x, tagged('activationFactor', sigmoid(x)));
}

/** Returns x * Phi(x) = x * (1 + erf(x / sqrt 2)) / 2 (Hendrycks & Gimpel 2016). */
export function gelu(x: Node): Node {
	return multiply(x, halfOfOnePlus(erf(scale(x, Math.SQRT1_2))));
}

/** Returns x * (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, the approximation of `gelu` by the same authors. */
export function geluTanh(x: Node): Node {
	const cube = multiply(multiply(x, x), x);
	return multiply(x, halfOfOnePlus(tanh(scale(add(x, scale(cube, 0.044715)), Math.sqrt(2 / Math.PI)))));
}

/** Returns c * tanh(x / c), which stays within -c..c (Gemma 2, Riviere et al. 2024). */
export function softCap(x: Node, c: number): Node {
	return scale(tagged('softCap', tanh(scale(x, 1 / c))), c);
}

function halfOfOnePlus(x: Node): Node {
	return tagged('activationFactor', scale(add(x, scalar(1)), 0.5));
}
