/**
 * Attribution rules as edits of the backward walk at tagged nodes. The forward pass and what is asked of the gradient
 * stay the same: relevance of a token is sum_k E_ik g_ik, where g is the edited gradient of the explained logit.
 */
import type { Edit, Edits } from '../graph/backward.ts';
import { divide, lessOrEqual, multiply, scalar, scale, softmax, where } from '../graph/build.ts';
import { type GradientRule, softmaxGradient } from '../graph/gradientRules.ts';
import type { Node } from '../graph/node.ts';

const constantInBackward: Edit = { kind: 'detach' };
const times = (factor: number): Edit => ({ kind: 'scale', factor });
const by = (rule: GradientRule): Edit => ({ kind: 'replace', rule });
const inputOf = (node: Node): Node => node.inputs[0] as Node;

/** Tanh of a soft cap: dx = dy * tanh(x) / x, so that all relevance passes; 1 in the limit at 0. */
const tanhAsFactor: GradientRule = (node, dy) => {
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

/**
 * AttnLRP (Achtibat et al. 2024) in the form input x gradient (Arras et al. 2025): norms and x * factor(x) keep their
 * factor; a product of two activations gives half to each, which makes 1/2 at values and 1/4 at queries and keys.
 */
export const attnLrp: Edits = {
	normalisationFactor: constantInBackward,
	activationFactor: constantInBackward,
	softCap: by(tanhAsFactor),
	gateProduct: times(1 / 2),
	query: times(1 / 4),
	key: times(1 / 4),
	value: times(1 / 2),
};

/**
 * CP-LRP (Ali et al. 2022): attention weights, norm factors and gates are constants, so the network is linear in its
 * embeddings, and without biases the relevances sum to the explained logit.
 */
export const cpLrp: Edits = {
	normalisationFactor: constantInBackward,
	activationFactor: constantInBackward,
	softCap: by(tanhAsFactor),
	gate: constantInBackward,
	query: constantInBackward,
	key: constantInBackward,
};

/**
 * GIM (Edin et al. 2025): constant norm factors, the softmax gradient at temperature 2, and gradients shared between
 * the factors of products as in AttnLRP; activations and soft caps keep their true derivative. Relevance is
 * sum_k (E_ik - B_ik) g_ik with B the embedding of a neutral token.
 */
export const gim: Edits = {
	normalisationFactor: constantInBackward,
	attention: by(softmaxAtTemperature(2)),
	gateProduct: times(1 / 2),
	query: times(1 / 4),
	key: times(1 / 4),
	value: times(1 / 2),
};
