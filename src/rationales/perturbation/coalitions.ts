/** Which subsets KernelSHAP looks at. Letter: U units. */
import { lastOf } from '../../core/present.ts';
import type { Random } from '../../core/random.ts';
import { complement, type UnitSet } from './coalitionPlan.ts';

/** A subset and its weight in the regression. */
export interface WeightedSet {
	readonly set: UnitSet;
	readonly weight: number;
}

/** The subsets of k units together with those of U - k. */
interface SizePair {
	readonly size: number;
	readonly count: number;
	/** Kernel weight of all of them: proportional to 1 / (k (U - k)) per size. */
	readonly mass: number;
}

/**
 * Returns at most `count` subsets, neither empty nor full, each followed by its complement, with weights that estimate
 * pi(S) = (U - 1) / (C(U, |S|) |S| (U - |S|)) up to a factor (docs/methods.md A.17). From the outermost sizes inwards, a pair
 * of sizes is taken as a whole as long as its share of the remaining weight pays for it (as in `shap`); subsets of the
 * other sizes are drawn in proportion to the weight of their size, and share what is left equally.
 */
export function drawCoalitions(unitCount: number, count: number, random: Random): WeightedSet[] {
	const whole: WeightedSet[] = [];
	const pairs = sizePairs(unitCount);
	let left = count;
	while (pairs[0] !== undefined && pairs[0].count <= (left * pairs[0].mass) / massOf(pairs)) {
		const { size, count: own, mass } = pairs[0];
		whole.push(...setsOfSize(unitCount, size).map((set) => ({ set, weight: mass / own })));
		pairs.shift();
		left -= own;
	}
	return [...whole, ...drawPairs(unitCount, pairs, Math.floor(left / 2), random)];
}

/** Returns the number of subsets of k among n. */
export function binomial(n: number, k: number): number {
	return Array.from({ length: k }, (_, i) => (n - i) / (i + 1)).reduce((product, factor) => product * factor, 1);
}

function sizePairs(unitCount: number): SizePair[] {
	return Array.from({ length: Math.floor(unitCount / 2) }, (_, i) => {
		const size = i + 1;
		const sizes = size * 2 === unitCount ? 1 : 2;
		return { size, count: sizes * Math.round(binomial(unitCount, size)), mass: sizes / (size * (unitCount - size)) };
	});
}

function massOf(pairs: readonly SizePair[]): number {
	return pairs.reduce((sum, { mass }) => sum + mass, 0);
}

/** Returns the subsets of `size` or `unitCount - size` units, each next to its complement, each one once. */
function setsOfSize(unitCount: number, size: number): UnitSet[] {
	const halves = combinations(unitCount, size).map((units) => setOf(unitCount, units));
	const isHalf = size * 2 === unitCount;
	return halves.filter((set) => !isHalf || set[0] === true).flatMap((set) => [set, complement(set)]);
}

/** Returns all ways to choose `size` of the numbers from `first` to `limit - 1`. */
function combinations(limit: number, size: number, first = 0): number[][] {
	if (size === 0) return [[]];
	return Array.from({ length: limit - first }, (_, i) => first + i).flatMap((chosen) =>
		combinations(limit, size - 1, chosen + 1).map((rest) => [chosen, ...rest]),
	);
}

function drawPairs(unitCount: number, pairs: readonly SizePair[], count: number, random: Random): WeightedSet[] {
	if (pairs.length === 0 || count < 1) return [];
	const mass = massOf(pairs);
	const units = Array.from({ length: unitCount }, (_, unit) => unit);
	return Array.from({ length: count }, () => {
		const set = setOf(unitCount, random.sample(units, drawSize(pairs, mass * random.next())));
		return [set, complement(set)].map((one) => ({ set: one, weight: mass / (2 * count) }));
	}).flat();
}

/** Returns the size at which the cumulated weight passes `point`. */
function drawSize(pairs: readonly SizePair[], point: number): number {
	let passed = 0;
	const found = pairs.find(({ mass }) => (passed += mass) > point);
	return (found ?? lastOf(pairs)).size;
}

function setOf(unitCount: number, units: readonly number[]): UnitSet {
	const kept = new Set(units);
	return Array.from({ length: unitCount }, (_, unit) => kept.has(unit));
}
