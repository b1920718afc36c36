import { itemAt, zip } from '../../core/present.ts';
import type { Random } from '../../core/random.ts';
import type { UnitScores, UnitSet } from './coalitionPlan.ts';
import type { PerturbationMethod } from './method.ts';

/** The 25 orders that captum draws, each one with its reverse. */
const PAIRS = 25;

/**
 * Shapley values as the mean of what a unit adds to those before it, v(before + u) - v(before), over random orders, each
 * taken forwards and backwards (antithetic; docs/methods.md A.18). The sum is v(all) - v(none) for every order, so exactly.
 * Standard errors come from the spread of the pairs' means. At most 2 * 25 * (U - 1) + 2 evaluations.
 */
export const permutationShap: PerturbationMethod = {
	kind: 'perturbation',
	declaration: {
		id: 'permutation_shap',
		title: 'Shapley values by permutations',
		family: 'attribution',
		needs: 'labelScores',
		signed: true,
		targetSpecific: true,
		aggregation: null,
		source:
			'Castro et al. 2009 (doi 10.1016/j.cor.2008.04.004); 25 orders as in captum, with their reverses ' +
			'(Mitchell et al. 2022, arXiv 2104.12199)',
		diagnostics: {
			evaluations: 'prompts scored',
			orders: 'orders of the units',
			largestStandardError: 'largest standard error of a score',
		},
	},
	plan: ({ unitCount, random, evaluations }) => {
		const perPair = 2 * (unitCount - 1);
		const needed = 2 + perPair;
		if (evaluations !== null && evaluations < needed)
			return { missing: `${unitCount} units need ${needed} evaluations, the study allows ${evaluations}` };
		const affordable = evaluations === null || perPair === 0 ? PAIRS : Math.floor((evaluations - 2) / perPair);
		const pairs = Array.from({ length: Math.min(PAIRS, affordable) }, () => withReverse(unitCount, random));
		const orders = pairs.flat();
		return {
			sets: orders.flatMap(beginnings),
			read: (values) => shapleyValues(unitCount, orders, values),
		};
	},
};

function withReverse(unitCount: number, random: Random): number[][] {
	const order = random.shuffle(Array.from({ length: unitCount }, (_, unit) => unit));
	return [order, order.toReversed()];
}

/** Returns the subsets of the first 0, 1, .. U units of an order [U + 1]. */
function beginnings(order: readonly number[]): UnitSet[] {
	const placeOf = new Map(order.map((unit, place) => [unit, place]));
	return Array.from({ length: order.length + 1 }, (_, length) =>
		order.map((_, unit) => (placeOf.get(unit) ?? length) < length),
	);
}

function shapleyValues(
	unitCount: number,
	orders: readonly (readonly number[])[],
	values: readonly number[],
): UnitScores {
	const contributions = orders.map((order, i) => {
		const own = values.slice(i * (unitCount + 1), (i + 1) * (unitCount + 1));
		const byUnit = Array.from({ length: unitCount }, () => NaN);
		for (const [place, unit] of order.entries()) byUnit[unit] = itemAt(own, place + 1) - itemAt(own, place);
		return byUnit;
	});
	const pairs = Array.from({ length: orders.length / 2 }, (_, pair) =>
		zip(itemAt(contributions, 2 * pair), itemAt(contributions, 2 * pair + 1)).map(mean),
	);
	const ofUnit = (unit: number): number[] => pairs.map((pair) => itemAt(pair, unit));
	const units = Array.from({ length: unitCount }, (_, unit) => unit);
	const standardErrors = pairs.length < 2 ? null : units.map((unit) => standardError(ofUnit(unit)));
	return {
		scores: units.map((unit) => mean(ofUnit(unit))),
		standardErrors,
		diagnostics: {
			orders: orders.length,
			largestStandardError: standardErrors === null ? null : Math.max(...standardErrors),
		},
	};
}

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Returns the standard deviation (n - 1) over the root of n. */
function standardError(values: readonly number[]): number {
	const centre = mean(values);
	const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
	return Math.sqrt(squares / (values.length - 1) / values.length);
}
