import { InternalError } from '../../core/errors.ts';
import { itemAt, zip } from '../../core/present.ts';
import type { Random } from '../../core/random.ts';
import { leastSquares } from './leastSquares.ts';
import { fullSet, type UnitScores, type UnitSet } from './coalitionPlan.ts';
import type { PerturbationMethod } from './method.ts';

/** On the distance 100 (1 - cosine), which lies between 0 and 100. */
const KERNEL_WIDTH = 25;
const RIDGE = 1;

/**
 * The coefficients of a linear model of v around the full text (docs/methods.md A.16): n subsets, the first one full, the
 * others without m ~ U{1..U} units; weight exp(-D^2 / (2 * 25^2)) with D = 100 (1 - sqrt(|S| / U)); ridge regression
 * with alpha = 1 and an intercept that is not shrunk; no choice of features. n = min(max(1000, 20 U), 5000).
 * Diagnostic `weightedR2`: the share of the weighted variance of v that the linear model explains, null where v is
 * constant.
 */
export const lime: PerturbationMethod = {
	kind: 'perturbation',
	declaration: {
		id: 'lime',
		title: 'LIME',
		family: 'attribution',
		needs: 'labelScores',
		signed: true,
		targetSpecific: true,
		aggregation: null,
		source:
			'Ribeiro et al. 2016 (arXiv 1602.04938), equation 1; sampling, kernel and ridge as in `lime`, all positions',
		diagnostics: { evaluations: 'prompts scored', weightedR2: 'fit of the linear model, R²' },
	},
	plan: ({ unitCount, random, evaluations }) => {
		const count = Math.min(Math.max(1000, 20 * unitCount), 5000, evaluations ?? Infinity);
		if (count < 2) return { missing: `${count} evaluations are too few for a linear model` };
		const others = Array.from({ length: count - 1 }, () => perturbed(unitCount, random));
		const sets = [fullSet(unitCount), ...others];
		return { sets, read: (values) => linearModel(sets, values) };
	},
};

function perturbed(unitCount: number, random: Random): UnitSet {
	const units = Array.from({ length: unitCount }, (_, unit) => unit);
	const removed = new Set(random.sample(units, 1 + random.integer(unitCount)));
	return units.map((unit) => !removed.has(unit));
}

function linearModel(sets: readonly UnitSet[], values: readonly number[]): UnitScores {
	const weights = sets.map(weightOf);
	const means = itemAt(sets, 0).map((_, unit) =>
		weightedMean(
			sets.map((set) => Number(itemAt(set, unit))),
			weights,
		),
	);
	const rows = sets.map((set) => zip(set, means).map(([kept, mean]) => Number(kept) - mean));
	const full = itemAt(values, 0);
	const changes = values.map((value) => value - full);
	const mean = weightedMean(changes, weights);
	const centred = changes.map((change) => change - mean);
	const scores = leastSquares({ rows, values: centred, weights, ridge: RIDGE });
	if (scores === null) throw new InternalError('a ridge regression has no solution');
	const predicted = rows.map((row) => zip(row, scores).reduce((sum, [x, score]) => sum + x * score, 0));
	return { scores, standardErrors: null, diagnostics: { weightedR2: rSquared(centred, predicted, weights) } };
}

function weightOf(set: UnitSet): number {
	const kept = set.filter(Boolean).length;
	const distance = 100 * (1 - Math.sqrt(kept / set.length));
	return Math.exp(-(distance ** 2) / (2 * KERNEL_WIDTH ** 2));
}

/** Returns sum_r w_r y_r / sum_r w_r. */
function weightedMean(values: readonly number[], weights: readonly number[]): number {
	const total = weights.reduce((sum, weight) => sum + weight, 0);
	return zip(values, weights).reduce((sum, [y, weight]) => sum + weight * y, 0) / total;
}

/** Returns 1 - sum w (y - f)^2 / sum w y^2 for values y of weighted mean 0; null where they are all equal. */
function rSquared(values: readonly number[], predicted: readonly number[], weights: readonly number[]): number | null {
	const spread = zip(values, weights).reduce((sum, [y, weight]) => sum + weight * y ** 2, 0);
	const rest = zip(zip(values, predicted), weights).reduce((sum, [[y, f], weight]) => sum + weight * (y - f) ** 2, 0);
	return values.every((value) => value === values[0]) ? null : 1 - rest / spread;
}
