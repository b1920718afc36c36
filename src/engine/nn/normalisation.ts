/** Norms over the last axis. What they divide by is tagged, so that attribution rules can hold it constant. */
import {
	add,
	divide,
	fusedAs,
	mean,
	multiply,
	rmsNormalise,
	scalar,
	squareRoot,
	subtract,
	tagged,
} from '../graph/build.ts';
import type { Node } from '../graph/node.ts';

/** Returns w * x / sqrt(mean(x^2) + epsilon) for x [..., D], w [D] (Zhang & Sennrich 2019). */
export function rmsNorm(x: Node, weight: Node, epsilon: number): Node {
	const composed = multiply(multiply(x, inverseScale(x, epsilon)), weight);
	return fusedAs(rmsNormalise(x, weight, epsilon), composed);
}

/** Returns w * (x - mean(x)) / sqrt(variance(x) + epsilon) + b for x [..., D]; w, b [D] (Ba et al. 2016). */
export function layerNorm(x: Node, weight: Node, bias: Node, epsilon: number): Node {
	const centred = subtract(x, mean(x, x.shape.length - 1));
	return add(rmsNorm(centred, weight, epsilon), bias);
}

/** Returns 1 / sqrt(mean(x^2) + epsilon), [..., 1]. */
function inverseScale(x: Node, epsilon: number): Node {
	const meanSquare = mean(multiply(x, x), x.shape.length - 1);
	return tagged('normalisationFactor', divide(scalar(1), squareRoot(add(meanSquare, scalar(epsilon)))));
}
