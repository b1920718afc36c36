/** The sign-flip tests of a family of pairs: exact where sums can be counted, else by random signs that all pairs share. */
import { drawsPerBlock, enough, type SignDraws, signedSums } from './signDraws.ts';
import { exactSignFlip, sameDifference, smallestSignFlip } from './signFlip.ts';

/** One value per example on either side; pairs may share a side's array, whose sums are then computed once. */
export interface FlippedPair {
	readonly first: Float64Array;
	readonly second: Float64Array;
	/** First minus second. */
	readonly differences: Float64Array;
}

export interface SignFlipTest {
	/** Two-sided. */
	readonly p: number;
	/** Random flips behind p; null where p is exact. */
	readonly flips: number | null;
	/** The smallest p that the test could have given: 2 / 2^n for n differences that are not 0, where drawn by the largest number of flips. */
	readonly smallestP: number;
}

/** Draws per corrected test, so that the smallest p drawn is a twentieth of what Holm's correction asks for at 0.05. */
const drawsPerTest = 400;

/** Returns the largest number of draws of a test that is corrected together with others, itself included. */
export function mostDraws(tests: number): number {
	return drawsPerBlock * Math.max(1, Math.ceil((drawsPerTest * tests) / drawsPerBlock));
}

/**
 * Returns the sign-flip test of each pair's mean difference. Drawn tests draw 10,000 times, then on until 100 draws lie as
 * far from 0 as the observed difference (p = 100 / draws: Besag & Clifford 1991), or until `mostDraws(tests)`
 * (p = (1 + those) / (1 + draws)).
 */
export function signFlipTests(pairs: readonly FlippedPair[], draws: SignDraws, tests: number): SignFlipTest[] {
	const most = mostDraws(tests);
	const found = pairs.map((pair) => stateOf(pair, most));
	for (let block = 0; block * drawsPerBlock < most; block++) {
		const open = found.filter(({ p }) => p === null);
		if (open.length === 0) break;
		drawFor(open, draws, block);
		for (const state of open) close(state, most);
	}
	return found.map(({ p, flips, smallestP }) => ({ p: p ?? 1, flips, smallestP }));
}

interface State extends FlippedPair {
	readonly threshold: number;
	readonly smallestP: number;
	p: number | null;
	/** Draws as far from 0 as observed. */
	farther: number;
	flips: number | null;
}

function stateOf({ first, second, differences }: FlippedPair, most: number): State {
	const p = exactSignFlip(differences);
	let observed = 0;
	for (const difference of differences) observed += difference;
	const least = smallestSignFlip(differences);
	return {
		...{ first, second, differences, p, farther: 0, flips: p === null ? 0 : null },
		threshold: Math.abs(observed) - first.length * sameDifference,
		smallestP: p === null ? Math.max(least, 1 / (1 + most)) : least,
	};
}

/** The sums of a difference are the differences of the sides' sums. */
function drawFor(open: readonly State[], draws: SignDraws, block: number): void {
	const known = new Map<Float64Array, Float64Array>();
	const sumsOf = (values: Float64Array): Float64Array => {
		const sums = known.get(values) ?? signedSums(values, draws(values.length, block));
		known.set(values, sums);
		return sums;
	};
	for (const state of open) countFarther(state, sumsOf(state.first), sumsOf(state.second), block > 0);
}

function countFarther(state: State, first: Float64Array, second: Float64Array, mayStop: boolean): void {
	const { threshold } = state;
	let farther = 0;
	// No branch: which way it went could not be foretold, and that would be most of the time.
	for (let draw = 0; draw < drawsPerBlock; draw++) {
		farther += Number(Math.abs((first[draw] as number) - (second[draw] as number)) >= threshold);
	}
	if (mayStop && state.farther + farther >= enough) return stopAtEnough(state, first, second);
	state.farther += farther;
	state.flips = (state.flips ?? 0) + drawsPerBlock;
}

function stopAtEnough(state: State, first: Float64Array, second: Float64Array): void {
	let draw = 0;
	for (; state.farther < enough; draw++) {
		if (Math.abs((first[draw] as number) - (second[draw] as number)) >= state.threshold) state.farther++;
	}
	state.flips = (state.flips ?? 0) + draw;
	state.p = enough / state.flips;
}

function close(state: State, most: number): void {
	if (state.p !== null || state.flips === null) return;
	if (state.farther >= enough || state.flips >= most) state.p = (1 + state.farther) / (1 + state.flips);
}
