/**
 * What has to run so that every sequence is read, with nothing computed twice that is worth sharing. Pure: the same
 * sequences and limits give the same schedule.
 */
import { groupByLength } from '../graphs/batches.ts';
import { packedRow, type RowSegment, sizeOfSegment } from './packedRow.ts';
import { type PrefixNode, type Sequence, prefixTree } from './prefixTree.ts';
import type { PositionedToken, Row } from '../graphs/row.ts';

export interface ScheduleLimits {
	/** Largest number of tokens, padding included, in one run. */
	readonly maxTokens: number;
	/** Largest number of tokens of a row that holds several sequences. */
	readonly rowTokens: number;
	/** A prefix is computed on its own where that saves at least this many tokens. */
	readonly minimumSharedTokens: number;
}

/** A prefix that is computed once and cached, and what runs after it. */
export interface ScheduledPrefix {
	/** Tokens whose keys and values are cached; empty where there is nothing to share. */
	readonly tokens: readonly PositionedToken[];
	/** Index of the first of them in the sequences. */
	readonly start: number;
	/** Rows that run together after these tokens and all that were cached before. */
	readonly batches: readonly (readonly Row[])[];
	/** Prefixes that go on from here. */
	readonly children: readonly ScheduledPrefix[];
}

/** Returns the schedule of all sequences. They must be different, and each must have tokens to read after. */
export function schedulePrefixes(sequences: readonly Sequence[], limits: ScheduleLimits): ScheduledPrefix {
	const root = prefixTree(sequences);
	const isShared = root.readout === null && isWorthSharing(root.tokens.length, root.sequences.length, limits);
	if (!isShared) return scheduled([], 0, [{ lead: [], node: root }], limits);
	return scheduled(
		root.tokens,
		0,
		root.children.map((node) => ({ lead: [], node })),
		limits,
	);
}

/** Returns the number of tokens that a schedule computes; padding, where `padded`, included. */
export function tokensOf({ tokens, batches, children }: ScheduledPrefix, padded: boolean): number {
	const ofBatches = batches.map((rows) => {
		const lengths = rows.map((row) => row.ids.length);
		return padded ? rows.length * Math.max(...lengths) : sum(lengths);
	});
	return tokens.length + sum(ofBatches) + sum(children.map((child) => tokensOf(child, padded)));
}

function scheduled(
	tokens: readonly PositionedToken[],
	start: number,
	segments: readonly RowSegment[],
	limits: ScheduleLimits,
): ScheduledPrefix {
	const small: RowSegment[] = [];
	const children: ScheduledPrefix[] = [];
	for (const segment of segments) assign(segment, limits, small, children);
	return { tokens, start, batches: batchesOf(small, limits), children };
}

/** Puts a segment among the small ones, or what most of its sequences begin with into a scheduled prefix of its own. */
function assign(segment: RowSegment, limits: ScheduleLimits, small: RowSegment[], children: ScheduledPrefix[]): void {
	const { lead, node } = segment;
	if (node.readout !== null || sizeOfSegment(segment) <= limits.rowTokens) {
		small.push(segment);
		return;
	}
	const path = sharedPathOf(segment);
	if (isWorthSharing(path.tokens.length, node.sequences.length, limits)) {
		children.push(scheduled(path.tokens, node.start - lead.length, path.rest, limits));
		return;
	}
	for (const child of node.children) {
		assign({ lead: [...lead, ...node.tokens], node: child }, limits, small, children);
	}
}

interface SharedPath {
	readonly tokens: readonly PositionedToken[];
	/** What leaves it. */
	readonly rest: readonly RowSegment[];
}

/** Returns the way along which, at each fork, more than half of the sequences go on together. */
function sharedPathOf({ lead, node }: RowSegment): SharedPath {
	const tokens = [...lead];
	const rest: RowSegment[] = [];
	let next: PrefixNode | undefined = node;
	while (next !== undefined) {
		const current: PrefixNode = next;
		tokens.push(...current.tokens);
		next = current.children.find(
			({ readout, sequences }) => readout === null && sequences.length > current.sequences.length / 2,
		);
		rest.push(...current.children.filter((other) => other !== next).map((other) => ({ lead: [], node: other })));
	}
	return { tokens, rest };
}

function isWorthSharing(tokens: number, sequences: number, { minimumSharedTokens }: ScheduleLimits): boolean {
	return tokens * (sequences - 1) >= minimumSharedTokens;
}

/** Fills rows with the largest segments first, each into the first row that has room, and groups rows of similar length. */
function batchesOf(segments: readonly RowSegment[], { rowTokens, maxTokens }: ScheduleLimits): Row[][] {
	const bySize = segments.toSorted((a, b) => sizeOfSegment(b) - sizeOfSegment(a));
	const width = Math.min(rowTokens, bySize[0] === undefined ? 0 : sizeOfSegment(bySize[0]));
	const bins: { segments: RowSegment[]; size: number }[] = [];
	for (const segment of bySize) {
		const size = sizeOfSegment(segment);
		const bin = bins.find((other) => other.size + size <= width);
		if (bin === undefined) bins.push({ segments: [segment], size });
		else {
			bin.segments.push(segment);
			bin.size += size;
		}
	}
	const rows = bins.map((bin) => packedRow(bin.segments));
	const groups = groupByLength(
		rows.map(({ ids }) => ids.length),
		maxTokens,
	);
	return groups.map((group) => group.map((i) => rows[i] as Row));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
