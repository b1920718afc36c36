/** Games with known answers, for tests. A game is the value of a subset of units. */
import { itemAt } from '../../core/present.ts';
import { seededRandom } from '../../core/random.ts';
import { explainUnits } from './explainUnits.ts';
import { nameOf, type UnitScores, type UnitSet } from './coalitionPlan.ts';
import type { Missing } from '../../core/score.ts';
import type { PerturbationMethod } from './method.ts';

export type Game = (set: UnitSet) => number;

/** v(S) = bias + sum_{u in S} c_u. */
export function linearGame(coefficients: readonly number[], bias = 0): Game {
	return (set) => coefficients.reduce((sum, coefficient, unit) => sum + (set[unit] === true ? coefficient : 0), bias);
}

/** v(S) = 1 when S holds all of these units. */
export function andGame(units: readonly number[]): Game {
	return (set) => (units.every((unit) => set[unit] === true) ? 1 : 0);
}

/** Unit 0 has a left glove, all others a right one: v(S) is the number of pairs. */
export const gloveGame: Game = (set) => (set[0] === true && set.slice(1).includes(true) ? 1 : 0);

/** Any number between -1 and 1 for every subset, the same for the same seed. */
export function randomGame(seed: number): Game {
	return (set) => 2 * seededRandom(seed, nameOf(set)).next() - 1;
}

/** Returns the mean gain of each unit over all U! orders: the definition of Shapley values, for few units. */
export function shapleyByOrders(game: Game, unitCount: number): number[] {
	const values = new Map<string, number>();
	const valueOf = (set: UnitSet): number => {
		const value = values.get(nameOf(set)) ?? game(set);
		values.set(nameOf(set), value);
		return value;
	};
	const sums = Array.from({ length: unitCount }, () => 0);
	let orders = 0;
	const walk = (set: readonly boolean[], gains: readonly number[]): void => {
		if (!set.includes(false)) {
			orders += 1;
			for (const [unit, gain] of gains.entries()) sums[unit] = itemAt(sums, unit) + gain;
		}
		for (const [unit, kept] of set.entries()) {
			if (kept) continue;
			const extended = set.with(unit, true);
			walk(extended, gains.with(unit, valueOf(extended) - valueOf(set)));
		}
	};
	walk(
		sums.map(() => false),
		sums,
	);
	return sums.map((sum) => sum / orders);
}

/** What a method made of a game, and which subsets it asked about. */
export interface Played {
	readonly answer: UnitScores | Missing;
	readonly asked: readonly UnitSet[];
	readonly calls: number;
}

export async function play(
	method: PerturbationMethod,
	game: Game,
	unitCount: number,
	{ seed = 1, evaluations = null }: { readonly seed?: number; readonly evaluations?: number | null } = {},
): Promise<Played> {
	const asked: UnitSet[] = [];
	let calls = 0;
	const score = async (sets: readonly UnitSet[]): Promise<number[]> => {
		calls += 1;
		asked.push(...sets);
		return sets.map(game);
	};
	const answer = await explainUnits(method, { unitCount, seed, exampleId: 'example', evaluations, score });
	return { answer, asked, calls };
}

/** Returns the scores of an answer that has some. */
export function scoresOf({ answer }: Played): readonly number[] {
	if ('missing' in answer) throw new Error(answer.missing);
	return answer.scores;
}
