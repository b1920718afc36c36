import { itemAt, present, zip } from '../../core/present.ts';
import { binomial, drawCoalitions, type WeightedSet } from './coalitions.ts';
import { leastSquares } from './leastSquares.ts';
import { emptySet, fullSet, type UnitScores, type UnitSet } from './coalitionPlan.ts';
import type { PerturbationMethod } from './method.ts';

/** Up to this many units all subsets are evaluated. */
const EXACT_UNITS = 12;

/**
 * Shapley values. Up to 12 units: exact, from all 2^U subsets. Above: the weighted least squares fit of v by a linear
 * function under sum phi = v(all) - v(none), which holds exactly; subsets in complementary pairs, as many sizes as
 * possible in full, 2 U + 2048 evaluations at most (docs/methods.md A.17). Diagnostic `exact`: 1 or 0.
 */
export const kernelShap: PerturbationMethod = {
	kind: 'perturbation',
	declaration: {
		id: 'kernel_shap',
		title: 'KernelSHAP',
		family: 'attribution',
		needs: 'labelScores',
		signed: true,
		targetSpecific: true,
		aggregation: null,
		source:
			'Lundberg & Lee 2017 (arXiv 1705.07874), theorem 2; paired sampling (Covert & Lee 2021, arXiv 2012.01536), ' +
			'number of samples and full sizes as in `shap`',
		diagnostics: { evaluations: 'prompts scored', exact: 'exact, from all subsets (1 yes, 0 no)' },
	},
	plan: ({ unitCount, random, evaluations }) => {
		const affordable = evaluations ?? Infinity;
		if (unitCount <= EXACT_UNITS && 2 ** unitCount <= affordable) {
			const sets = allSets(unitCount);
			return { sets, read: (values) => scoresOf(exactValues(unitCount, values), 1) };
		}
		const count = Math.min(2 * unitCount + 2048, affordable);
		const drawn = drawCoalitions(unitCount, count - 2, random);
		if (count < 2 || !determinesAll(drawn, unitCount))
			return { missing: `${count} evaluations are too few for the Shapley values of ${unitCount} units` };
		return {
			sets: [emptySet(unitCount), fullSet(unitCount), ...drawn.map(({ set }) => set)],
			read: (values) => {
				const fitted = constrainedFit(drawn, values.slice(2), itemAt(values, 0), itemAt(values, 1));
				return scoresOf(present(fitted, 'solution, though the subsets determine one'), 0);
			},
		};
	},
};

function scoresOf(scores: readonly number[], exact: 0 | 1): UnitScores {
	return { scores, standardErrors: null, diagnostics: { exact } };
}

/** Returns all subsets; unit u is in number n when bit u of n is set. */
function allSets(unitCount: number): UnitSet[] {
	return Array.from({ length: 2 ** unitCount }, (_, bits) =>
		Array.from({ length: unitCount }, (_, unit) => (bits & (1 << unit)) !== 0),
	);
}

/** Returns phi_u = sum_{S without u} |S|! (U - |S| - 1)! / U! (v(S + u) - v(S)) [U] from v of `allSets` (Shapley 1953). */
function exactValues(unitCount: number, values: readonly number[]): number[] {
	const sizes = allSets(unitCount).map((set) => set.filter(Boolean).length);
	return Array.from({ length: unitCount }, (_, unit) =>
		sizes.reduce((sum, size, bits) => {
			if ((bits & (1 << unit)) !== 0) return sum;
			const gain = itemAt(values, bits | (1 << unit)) - itemAt(values, bits);
			return sum + gain / (unitCount * binomial(unitCount - 1, size));
		}, 0),
	);
}

/** Returns true when the regression on these subsets has one solution. */
function determinesAll(drawn: readonly WeightedSet[], unitCount: number): boolean {
	// All units but one alone: each says what its own phi is, the sum the last. Sizes are taken from the smallest on, so that this is the rule.
	const alone = new Set(drawn.flatMap(({ set }) => (sizeOf(set) === 1 ? [set.indexOf(true)] : [])));
	if (alone.size >= unitCount - 1) return true;
	const anyValues = drawn.map(() => 0);
	return drawn.length >= unitCount - 1 && constrainedFit(drawn, anyValues, 0, 0) !== null;
}

function sizeOf(set: UnitSet): number {
	let size = 0;
	for (const isIn of set) if (isIn) size++;
	return size;
}

/**
 * Returns argmin_phi sum_S w_S (v(S) - v(none) - sum_{u in S} phi_u)^2 subject to sum phi = v(all) - v(none) [U], the
 * last unit being eliminated by the constraint; null where the subsets do not determine it. `values` are those of `drawn`.
 */
export function constrainedFit(
	drawn: readonly WeightedSet[],
	values: readonly number[],
	none: number,
	all: number,
): number[] | null {
	const total = all - none;
	const last = itemAt(drawn, 0).set.length - 1;
	const fitted = leastSquares({
		rows: drawn.map(({ set }) => set.slice(0, last).map((kept) => Number(kept) - Number(set[last]))),
		values: zip(drawn, values).map(([{ set }, value]) => value - none - (set[last] === true ? total : 0)),
		weights: drawn.map(({ weight }) => weight),
		ridge: 0,
	});
	return fitted === null ? null : [...fitted, total - fitted.reduce((sum, phi) => sum + phi, 0)];
}
