/** Words that mean others: a poodle is a dog, and no horse. */
import { InternalError } from '../../core/errors.ts';
import type { Random } from '../../core/random.ts';
import { words } from './patterns.ts';
import type { Draft, Rewording } from './planted.ts';

/** Words that a text says, and words that each of them means. Of one thing, different groups exclude each other. */
export interface Group {
	readonly said: readonly string[];
	readonly meant: readonly string[];
}

/** What a text says, and what is said to follow from it. */
export type Pair = readonly [said: string, meant: string];

/** Share of the pairs with two different words of a group among all that entail. */
const MEANT_SHARE = 0.6;
const DRAWS = 10_000;

/** Returns a group of words that are listed in two texts. */
export function group(said: string, meant: string): Group {
	return { said: words(said), meant: words(meant) };
}

export function valuesOf(groups: readonly Group[]): string[] {
	return groups.flatMap(({ said, meant }) => [...said, ...meant]);
}

export function saidOf(groups: readonly Group[]): string[] {
	return groups.flatMap(({ said }) => said);
}

/** Returns true when `meant` is `said` or what it means; else it is excluded. */
export function entails(groups: readonly Group[], [said, meant]: Pair): boolean {
	const found = groups.find((candidate) => candidate.said.includes(said));
	return said === meant || (found?.meant.includes(meant) ?? false);
}

/** Returns a pair from one group where `entailed`, else from two. */
export function drawPair(groups: readonly Group[], entailed: boolean, random: Random): Pair {
	const [first, second] = random.sample(groups, 2);
	const [saying, meaning] = [first, entailed ? first : second];
	if (saying === undefined || meaning === undefined) throw new InternalError('a domain needs two groups');
	const said = random.pick(saying.said);
	if (random.next() < MEANT_SHARE) return [said, random.pick(meaning.meant)];
	return [said, entailed ? said : random.pick(meaning.said)];
}

/** Returns the first drawn pair that passes. */
export function drawPairWhere(
	groups: readonly Group[],
	entailed: boolean,
	random: Random,
	passes: (pair: Pair) => boolean,
): Pair {
	for (let draw = 0; draw < DRAWS; draw++) {
		const pair = drawPair(groups, entailed, random);
		if (passes(pair)) return pair;
	}
	throw new InternalError(`no fitting pair of ${valuesOf(groups).join(', ')}`);
}

/** Returns rewordings of a pair that turn one relation into the other: of both words, of the first, of the second. */
export function pairRewordings(
	groups: readonly Group[],
	[said, meant]: Pair,
	labels: { readonly entailed: string; readonly excluded: string },
	random: Random,
): Pick<Draft, 'counterfactual' | 'singles'> {
	const entailed = !entails(groups, [said, meant]);
	const draw = (passes: (pair: Pair) => boolean): Rewording => ({
		words: drawPairWhere(groups, entailed, random, passes),
		label: entailed ? labels.entailed : labels.excluded,
	});
	return {
		counterfactual: draw((pair) => pair[0] !== said && pair[1] !== meant),
		singles: [draw((pair) => pair[1] === meant), draw((pair) => pair[0] === said)],
	};
}
