import { UserError } from '../../core/errors.ts';
import {
	add,
	constant,
	gatherRows,
	input,
	multiply,
	reshape,
	scale,
	sum,
	transpose,
} from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';
import { type Dimension, product } from '../../engine/graph/shape.ts';
import type { AttentionChoice } from '../languageModel.ts';
import { ofFresh } from './attentionRows.ts';
import type { PassMethod } from './method.ts';

/**
 * s_j = mean over layers l and heads h of A_l[h, q, j]: the share of the last position's attention that falls on token
 * j (docs/methods.md A.1). The last layer and all heads unless the study chooses others.
 */
export const attention: PassMethod = {
	kind: 'pass',
	declaration: {
		id: 'attention',
		title: 'Attention',
		family: 'attribution',
		needs: 'attention',
		signed: false,
		targetSpecific: false,
		aggregation: 'sum',
		source: 'Fayyaz et al. 2024 (arXiv 2407.00219); last layer, mean of heads, last row as in ReAGent `last`',
	},
	output: 'attention',
	reduce: ({ attentions, attention: choice }) => attentionRow(attentions, choice),
};

/**
 * Returns s [B, T], s_j = mean over chosen layers l and heads h of A_l[h, q, j] (docs/methods.md A.1). Throws a
 * UserError for a layer or head that the model does not have.
 */
function attentionRow(attentions: readonly Node[], { layers, heads }: AttentionChoice): Node {
	if (layers !== 'last') requireAll('layer', layers, attentions.length);
	const chosen = layers === 'last' ? attentions.slice(-1) : attentions.filter((_, layer) => isChosen(layers, layer));
	const rows = chosen.map((weights) => headMeanOfLastRow(weights, heads));
	return scale(rows.reduce(add), 1 / rows.length);
}

/** Returns row q [B, T] averaged over the chosen heads. */
function headMeanOfLastRow(weights: Node, heads: AttentionChoice['heads']): Node {
	const [batch, groups, repeats, tokens, keys] = weights.shape as [Dimension, number, number, Dimension, Dimension];
	const count = groups * repeats;
	requireAll('head', heads, count);
	const chosen = Array.from({ length: count }, (_, head) => isChosen(heads, head));
	const shares = constant(
		chosen.map((is) => (is ? 1 / chosen.filter(Boolean).length : 0)),
		[count, 1],
	);
	const byRow = reshape(transpose(weights, [0, 3, 1, 2, 4]), [product(batch, tokens), count, keys]);
	const row = sum(multiply(gatherRows(byRow, input('last', ['B'], 'int64')), shares), [1]);
	return ofFresh(reshape(row, [batch, keys]), 1);
}

function isChosen(choice: 'all' | readonly number[], index: number): boolean {
	return choice === 'all' || choice.includes(index);
}

function requireAll(what: string, choice: 'all' | readonly number[], count: number): void {
	if (choice === 'all') return;
	if (choice.length === 0) throw new UserError(`attention: choose at least one ${what}.`);
	const strange = choice.find((index) => !Number.isInteger(index) || index < 0 || index >= count);
	if (strange === undefined) return;
	throw new UserError(`attention: there is no ${what} ${strange}; the model has ${what}s 0 to ${count - 1}.`);
}
