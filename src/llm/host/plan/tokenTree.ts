/** Token sequences as a tree: sequences that begin alike share a branch. */
import type { TokenIds } from '../../languageModel.ts';

/** A token sequence with the number of its last tokens after which something is read; these are shared with nobody. */
export interface Passage {
	readonly ids: TokenIds;
	readonly read: number;
}

/** Tokens that some passages have in common, and how they go on. */
export interface Branch {
	readonly ids: TokenIds;
	/** Place of the first of `ids` in the passages. */
	readonly start: number;
	/** The passages below, by number. */
	readonly passages: readonly number[];
	readonly branches: readonly Branch[];
	/** The passage that ends here and how many of the last tokens it reads after. Null where it goes on. */
	readonly reads: { readonly passage: number; readonly count: number } | null;
	/** Tokens of this branch and all below. */
	readonly size: number;
}

/** Returns the tree of different passages; its root holds what all begin with, which may be nothing. */
export function tokenTree(passages: readonly Passage[]): Branch {
	return grow(passages, [...passages.keys()], 0);
}

function grow(passages: readonly Passage[], group: readonly number[], start: number): Branch {
	const end = sharedEnd(passages, group, start);
	const ids = (passages[group[0] as number] as Passage).ids.slice(start, end);
	const leaves: Branch[] = [];
	const going = new Map<number, number[]>();
	for (const number of group) {
		const passage = passages[number] as Passage;
		if (end === passage.ids.length - passage.read) leaves.push(leaf(passage, number, end));
		else {
			const next = passage.ids[end] as number;
			going.set(next, [...(going.get(next) ?? []), number]);
		}
	}
	const branches = [...leaves, ...[...going.values()].map((some) => grow(passages, some, end))];
	const only = branches[0];
	if (only !== undefined && branches.length === 1) return joined(ids, start, only);
	return { ids, start, passages: group, branches, reads: null, size: sizeOf(ids, branches) };
}

/** Returns the place up to which the passages of a group have the same tokens. */
function sharedEnd(passages: readonly Passage[], group: readonly number[], start: number): number {
	const first = (passages[group[0] as number] as Passage).ids;
	let end = Math.min(...group.map((i) => (passages[i] as Passage).ids.length - (passages[i] as Passage).read));
	for (const number of group) {
		const { ids } = passages[number] as Passage;
		let same = start;
		while (same < end && ids[same] === first[same]) same += 1;
		end = same;
	}
	return end;
}

function leaf({ ids, read }: Passage, number: number, start: number): Branch {
	return {
		ids: ids.slice(start),
		start,
		passages: [number],
		branches: [],
		reads: { passage: number, count: read },
		size: read,
	};
}

/** One passage: its way to the end is one branch. */
function joined(ids: TokenIds, start: number, only: Branch): Branch {
	return { ...only, ids: [...ids, ...only.ids], start, size: ids.length + only.size };
}

function sizeOf(ids: TokenIds, branches: readonly Branch[]): number {
	return branches.reduce((total, { size }) => total + size, ids.length);
}
