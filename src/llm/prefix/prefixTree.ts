/** Token sequences as a tree: sequences that begin alike share a node. */
import { groupBy } from '../../core/groupBy.ts';
import { itemAt } from '../../core/present.ts';
import type { PositionedToken } from '../graphs/row.ts';

/** A token sequence with the number of its last tokens after which something is read; these are shared with nobody. */
export interface Sequence {
	readonly tokens: readonly PositionedToken[];
	readonly read: number;
}

/** Tokens that some sequences have in common, and how they go on. */
export interface PrefixNode {
	readonly tokens: readonly PositionedToken[];
	/** Index of the first of `tokens` in the sequences. */
	readonly start: number;
	/** The sequences below, by number. */
	readonly sequences: readonly number[];
	readonly children: readonly PrefixNode[];
	/** The sequence that ends here and how many of its last tokens are read after. Null where it goes on. */
	readonly readout: { readonly sequence: number; readonly count: number } | null;
	/** Tokens of this node and all below. */
	readonly size: number;
}

/** Returns a name that two sequences share exactly when they are equal. */
export function nameOfTokens(tokens: readonly PositionedToken[]): string {
	return tokens.map(({ id, position }, index) => (position === index ? id : `${id}@${position}`)).join();
}

/** Returns the tree of different sequences; its root holds what all begin with, which may be nothing. */
export function prefixTree(sequences: readonly Sequence[]): PrefixNode {
	return grow(sequences, [...sequences.keys()], 0);
}

function grow(sequences: readonly Sequence[], group: readonly number[], start: number): PrefixNode {
	const end = sharedEnd(sequences, group, start);
	const tokens = (sequences[group[0] as number] as Sequence).tokens.slice(start, end);
	const leaves: PrefixNode[] = [];
	const going: number[] = [];
	for (const number of group) {
		const sequence = itemAt(sequences, number);
		if (end === sequence.tokens.length - sequence.read) leaves.push(leaf(sequence, number, end));
		else going.push(number);
	}
	const byNext = groupBy(going, (number) => {
		const { id, position } = itemAt(itemAt(sequences, number).tokens, end);
		return `${id}@${position}`;
	});
	const children = [...leaves, ...[...byNext.values()].map((some) => grow(sequences, some, end))];
	const only = children[0];
	if (only !== undefined && children.length === 1) return joined(tokens, start, only);
	return { tokens, start, sequences: group, children, readout: null, size: sizeOf(tokens, children) };
}

/** Returns the index up to which the sequences of a group have the same tokens. */
function sharedEnd(sequences: readonly Sequence[], group: readonly number[], start: number): number {
	const first = (sequences[group[0] as number] as Sequence).tokens;
	let end = Math.min(...group.map((i) => (sequences[i] as Sequence).tokens.length - (sequences[i] as Sequence).read));
	for (const number of group) {
		const { tokens } = sequences[number] as Sequence;
		let same = start;
		while (same < end && isSame(tokens[same] as PositionedToken, first[same] as PositionedToken)) same += 1;
		end = same;
	}
	return end;
}

function isSame(one: PositionedToken, other: PositionedToken): boolean {
	return one.id === other.id && one.position === other.position;
}

function leaf({ tokens, read }: Sequence, number: number, start: number): PrefixNode {
	return {
		tokens: tokens.slice(start),
		start,
		sequences: [number],
		children: [],
		readout: { sequence: number, count: read },
		size: read,
	};
}

/** One sequence: its way to the end is one node. */
function joined(tokens: readonly PositionedToken[], start: number, only: PrefixNode): PrefixNode {
	return { ...only, tokens: [...tokens, ...only.tokens], start, size: tokens.length + only.size };
}

function sizeOf(tokens: readonly PositionedToken[], children: readonly PrefixNode[]): number {
	return children.reduce((total, { size }) => total + size, tokens.length);
}
