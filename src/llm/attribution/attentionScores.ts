/**
 * Scores read from attention, as row vectors r [B, 1, T] that move from the last layer to the first: no product of
 * [T, S] matrices. A_l [B, G, R, T, S] are a layer's weights after softmax, q the last position of each row. The first
 * P of the S keys are cached tokens: attention never leads back from them, so the other T need no row for them.
 */
import { UserError } from '../../core/errors.ts';
import {
	add,
	constant,
	expand,
	gatherRows,
	input,
	lessOrEqual,
	matmul,
	multiply,
	reshape,
	rest,
	scalar,
	scale,
	scatterAddRows,
	subtract,
	sum,
	transpose,
	where,
} from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';
import { type Dimension, product } from '../../engine/graph/shape.ts';
import type { AttentionChoice } from '../languageModel.ts';

export const defaultAttention: AttentionChoice = { layers: 'last', heads: 'all' };

/**
 * Returns s [B, T], s_j = mean over chosen layers l and heads h of A_l[h, q, j] (docs/methods.md A.1). Throws a
 * UserError for a layer or head that the model does not have.
 */
export function attentionRow(attentions: readonly Node[], choice: AttentionChoice): Node {
	const layers = choice.layers === 'last' ? attentions.slice(-1) : attentions.filter(isChosen(choice.layers));
	if (choice.layers !== 'last') requireAll('layer', choice.layers, attentions.length);
	const rows = layers.map((weights) => headMeanOfLastRow(weights, choice.heads));
	return scale(rows.reduce(add), 1 / rows.length);
}

/** Returns row q of the product over layers of A_l / 2 + I / 2, A_l the mean of the heads (Abnar & Zuidema 2020). */
export function rolloutRow(attentions: readonly Node[]): Node {
	const start = lastPosition(attentions[0] as Node);
	const row = attentions.reduceRight(
		(r, weights) => scale(add(ofFresh(matmul(r, headMean(weights)), 2), r), 0.5),
		start,
	);
	return toGrid(row);
}

/**
 * Returns row q of R - I, R = (I + C_L) ... (I + C_1), C_l = mean over heads of ReLU(A_l * dt/dA_l) (Chefer et al.
 * 2021, equations 5 and 6; A.3). `attentionGradients` are dt/dA_l.
 */
export function gradientAttentionRow(attentions: readonly Node[], attentionGradients: readonly Node[]): Node {
	const start = lastPosition(attentions[0] as Node);
	const row = attentions.reduceRight((r, weights, layer) => {
		const weighted = multiply(weights, attentionGradients[layer] as Node);
		const zero = scalar(0);
		return add(r, ofFresh(matmul(r, headMean(where(lessOrEqual(zero, weighted), weighted, zero))), 2));
	}, start);
	return toGrid(subtract(row, start));
}

/** Returns row q [B, T] averaged over the chosen heads. */
function headMeanOfLastRow(weights: Node, heads: AttentionChoice['heads']): Node {
	const [batch, groups, repeats, tokens, keys] = weights.shape as [Dimension, number, number, Dimension, Dimension];
	const count = groups * repeats;
	requireAll('head', heads, count);
	const chosen = Array.from({ length: count }, (_, head) => head).map((head) => isChosen(heads)(null, head));
	const shares = constant(
		chosen.map((is) => (is ? 1 / chosen.filter(Boolean).length : 0)),
		[count, 1],
	);
	const byRow = reshape(transpose(weights, [0, 3, 1, 2, 4]), [product(batch, tokens), count, keys]);
	const row = sum(multiply(gatherRows(byRow, input('last', ['B'], 'int64')), shares), [1]);
	return ofFresh(reshape(row, [batch, keys]), 1);
}

const isChosen =
	(choice: 'all' | readonly number[]) =>
	(_: unknown, index: number): boolean =>
		choice === 'all' || choice.includes(index);

function requireAll(what: string, choice: 'all' | readonly number[], count: number): void {
	if (choice === 'all') return;
	if (choice.length === 0) throw new UserError(`attention: choose at least one ${what}.`);
	const strange = choice.find((index) => !Number.isInteger(index) || index < 0 || index >= count);
	if (strange === undefined) return;
	throw new UserError(`attention: there is no ${what} ${strange}; the model has ${what}s 0 to ${count - 1}.`);
}

/** [B, T, S]. */
function headMean(weights: Node): Node {
	const [batch, groups, repeats, tokens, keys] = weights.shape as [Dimension, number, number, Dimension, Dimension];
	return scale(reshape(sum(weights, [1, 2]), [batch, tokens, keys]), 1 / (groups * repeats));
}

/** Returns an axis of all keys without the cached ones, S to T. */
function ofFresh(x: Node, axis: number): Node {
	return rest(x, axis, 'P', 'T');
}

/** [B, 1, T], 1 at q. */
function lastPosition(weights: Node): Node {
	const [batch, , , tokens] = weights.shape as [Dimension, number, number, Dimension];
	const ones = expand(scalar(1), [batch, 1]);
	return reshape(scatterAddRows(input('last', ['B'], 'int64'), ones, product(batch, tokens)), [batch, 1, tokens]);
}

function toGrid(row: Node): Node {
	const [batch, , tokens] = row.shape as [Dimension, number, Dimension];
	return reshape(row, [batch, tokens]);
}
