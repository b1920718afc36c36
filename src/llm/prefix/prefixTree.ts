/** Token sequences as a tree: sequences that begin alike share a branch. */
import type { PlacedToken } from '../graphs/row.ts';

/** A token sequence with the number of its last tokens after which something is read; these are shared with nobody. */
export interface Passage {
	readonly tokens: readonly PlacedToken[];
	readonly read: number;
}

/** Tokens that some passages have in common, and how they go on. */
export interface Branch {
	readonly tokens: readonly PlacedToken[];
	/** Place of the first of `tokens` in the passages. */
	readonly start: number;
	/** The passages below, by number. */
	readonly passages: readonly number[];
	readonly branches: readonly Branch[];
	/** The passage that ends here and how many of the last tokens it reads after. Null where it goes on. */
	readonly reads: { readonly passage: number; readonly count: number } | null;
	/** Tokens of this branch and all below. */
	readonly size: number;
}

/** Returns a name that two sequences share exactly when they are equal. */
export function nameOfTokens(tokens: readonly PlacedToken[]): string {
	return tokens.map(({ id, position }, place) => (position === place ? id : `${id}@${position}`)).join();
}

/** Returns the tree of different passages; its root holds what all begin with, which may be nothing. */
export function tokenTree(passages: readonly Passage[]): Branch {
	return grow(passages, [...passages.keys()], 0);
}

function grow(passages: readonly Passage[], group: readonly number[], start: number): Branch {
	const end = sharedEnd(passages, group, start);
	const tokens = (passages[group[0] as number] as Passage).tokens.slice(start, end);
	const leaves: Branch[] = [];
	const going = new Map<string, number[]>();
	for (const number of group) {
		const passage = passages[number] as Passage;
		if (end === passage.tokens.length - passage.read) leaves.push(leaf(passage, number, end));
		else {
			const { id, position } = passage.tokens[end] as PlacedToken;
			const next = `${id}@${position}`;
			going.set(next, [...(going.get(next) ?? []), number]);
		}
	}
	const branches = [...leaves, ...[...going.values()].map((some) => grow(passages, some, end))];
	const only = branches[0];
	if (only !== undefined && branches.length === 1) return joined(tokens, start, only);
	return { tokens, start, passages: group, branches, reads: null, size: sizeOf(tokens, branches) };
}

/** Returns the place up to which the passages of a group have the same tokens. */
function sharedEnd(passages: readonly Passage[], group: readonly number[], start: number): number {
	const first = (passages[group[0] as number] as Passage).tokens;
	let end = Math.min(...group.map((i) => (passages[i] as Passage).tokens.length - (passages[i] as Passage).read));
	for (const number of group) {
		const { tokens } = passages[number] as Passage;
		let same = start;
		while (same < end && isSame(tokens[same] as PlacedToken, first[same] as PlacedToken)) same += 1;
		end = same;
	}
	return end;
}

function isSame(one: PlacedToken, other: PlacedToken): boolean {
	return one.id === other.id && one.position === other.position;
}

function leaf({ tokens, read }: Passage, number: number, start: number): Branch {
	return {
		tokens: tokens.slice(start),
		start,
		passages: [number],
		branches: [],
		reads: { passage: number, count: read },
		size: read,
	};
}

/** One passage: its way to the end is one branch. */
function joined(tokens: readonly PlacedToken[], start: number, only: Branch): Branch {
	return { ...only, tokens: [...tokens, ...only.tokens], start, size: tokens.length + only.size };
}

function sizeOf(tokens: readonly PlacedToken[], branches: readonly Branch[]): number {
	return branches.reduce((total, { size }) => total + size, tokens.length);
}
