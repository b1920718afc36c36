/**
 * Rules of which attribution methods make their edits of the backward walk at tagged nodes. The forward pass and what is
 * asked of the gradient stay the same: relevance of a token is sum_k E_ik g_ik, where g is the edited gradient of the
 * explained logit.
 */
import type { Edit, Edits } from '../graph/backward.ts';
import { divide, lessOrEqual, multiply, scalar, scale, softmax, where } from '../graph/build.ts';
import { type GradientRule, softmaxGradient } from '../graph/gradientRules.ts';
import type { Node } from '../graph/node.ts';

/** No gradient passes. */
export const constantInBackward: Edit = { kind: 'detach' };
/** The gradient is multiplied. */
export const times = (factor: number): Edit => ({ kind: 'scale', factor });
/** Another rule stands in for the ordinary one. */
export const by = (rule: GradientRule): Edit => ({ kind: 'replace', rule });

/**
 * Norms keep their factor, and a product of two activations gives half to each (Achtibat et al. 2024): 1/2 at values and
 * gated products, 1/4 at queries and keys, whose product enters one with the values.
 */
export const sharedProducts: Edits = {
	normalisationFactor: constantInBackward,
	gateProduct: times(1 / 2),
	query: times(1 / 4),
	key: times(1 / 4),
	value: times(1 / 2),
};

const inputOf = (node: Node): Node => node.inputs[0] as Node;

/** Tanh of a soft cap: dx = dy * tanh(x) / x, so that all relevance passes; 1 in the limit at 0. */
export const tanhAsFactor: GradientRule = (node, dy) => {
	const x = inputOf(node);
	const nearZero = lessOrEqual(multiply(x, x), scalar(1e-12));
	return [() => multiply(dy, where(nearZero, scalar(1), divide(node, x)))];
};

/**
 * Returns a softmax rule: the ordinary gradient, taken at the weights softmax(x / temperature), without a factor
 * 1 / temperature.
 */
export const softmaxAtTemperature =
	(temperature: number): GradientRule =>
	(node, dy) => [() => softmaxGradient(softmax(scale(inputOf(node), 1 / temperature)), dy)];
