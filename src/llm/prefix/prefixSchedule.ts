/**
 * What has to run so that every passage is read, with nothing computed twice that is worth sharing. Pure: the same
 * passages and limits give the same plan.
 */
import { groupByLength } from '../graphs/batches.ts';
import { packedRow, type Piece, sizeOfPiece } from './packedRow.ts';
import { type Branch, type Passage, tokenTree } from './prefixTree.ts';
import type { PlacedToken, Row } from '../graphs/row.ts';

export interface PlanLimits {
	/** Largest number of tokens, padding included, in one run. */
	readonly maxTokens: number;
	/** Largest number of tokens of a row that holds several passages. */
	readonly rowTokens: number;
	/** A beginning is computed on its own where that saves at least this many tokens. */
	readonly worthwhile: number;
}

/** What is computed once and kept, and what runs after it. */
export interface Stage {
	/** Tokens whose keys and values are kept; empty where there is nothing to share. */
	readonly tokens: readonly PlacedToken[];
	/** Place of the first of them. */
	readonly start: number;
	/** Rows that run together after these tokens and all that were kept before. */
	readonly batches: readonly (readonly Row[])[];
	/** Stages that go on from here. */
	readonly stages: readonly Stage[];
}

/** Returns the stage of all passages. They must be different, and each must have tokens to read after. */
export function planPasses(passages: readonly Passage[], limits: PlanLimits): Stage {
	const root = tokenTree(passages);
	const isShared = root.reads === null && isWorthwhile(root.tokens.length, root.passages.length, limits);
	if (!isShared) return stage([], 0, [{ lead: [], branch: root }], limits);
	return stage(
		root.tokens,
		0,
		root.branches.map((branch) => ({ lead: [], branch })),
		limits,
	);
}

/** Returns the number of tokens that a plan computes; padding, where `padded`, included. */
export function tokensOf({ tokens, batches, stages }: Stage, padded: boolean): number {
	const ofBatches = batches.map((rows) => {
		const lengths = rows.map((row) => row.ids.length);
		return padded ? rows.length * Math.max(...lengths) : sum(lengths);
	});
	return tokens.length + sum(ofBatches) + sum(stages.map((next) => tokensOf(next, padded)));
}

function stage(tokens: readonly PlacedToken[], start: number, pieces: readonly Piece[], limits: PlanLimits): Stage {
	const small: Piece[] = [];
	const stages: Stage[] = [];
	for (const piece of pieces) place(piece, limits, small, stages);
	return { tokens, start, batches: batchesOf(small, limits), stages };
}

/** Puts a piece among the small ones, or what most of its passages begin with into a stage of its own. */
function place(piece: Piece, limits: PlanLimits, small: Piece[], stages: Stage[]): void {
	const { lead, branch } = piece;
	if (branch.reads !== null || sizeOfPiece(piece) <= limits.rowTokens) {
		small.push(piece);
		return;
	}
	const trunk = trunkOf(piece);
	if (isWorthwhile(trunk.tokens.length, branch.passages.length, limits)) {
		stages.push(stage(trunk.tokens, branch.start - lead.length, trunk.rest, limits));
		return;
	}
	for (const next of branch.branches) place({ lead: [...lead, ...branch.tokens], branch: next }, limits, small, stages);
}

interface Trunk {
	readonly tokens: readonly PlacedToken[];
	/** What leaves it. */
	readonly rest: readonly Piece[];
}

/** Returns the way along which, at each fork, more than half of the passages go on together. */
function trunkOf({ lead, branch }: Piece): Trunk {
	const tokens = [...lead];
	const rest: Piece[] = [];
	let next: Branch | undefined = branch;
	while (next !== undefined) {
		const current: Branch = next;
		tokens.push(...current.tokens);
		next = current.branches.find(
			({ reads, passages }) => reads === null && passages.length > current.passages.length / 2,
		);
		rest.push(...current.branches.filter((other) => other !== next).map((other) => ({ lead: [], branch: other })));
	}
	return { tokens, rest };
}

function isWorthwhile(tokens: number, passages: number, { worthwhile }: PlanLimits): boolean {
	return tokens * (passages - 1) >= worthwhile;
}

/** Fills rows with the largest pieces first, each into the first row that has room, and groups rows of similar length. */
function batchesOf(pieces: readonly Piece[], { rowTokens, maxTokens }: PlanLimits): Row[][] {
	const bySize = pieces.toSorted((a, b) => sizeOfPiece(b) - sizeOfPiece(a));
	const width = Math.min(rowTokens, bySize[0] === undefined ? 0 : sizeOfPiece(bySize[0]));
	const bins: { pieces: Piece[]; size: number }[] = [];
	for (const piece of bySize) {
		const size = sizeOfPiece(piece);
		const bin = bins.find((other) => other.size + size <= width);
		if (bin === undefined) bins.push({ pieces: [piece], size });
		else {
			bin.pieces.push(piece);
			bin.size += size;
		}
	}
	const rows = bins.map((bin) => packedRow(bin.pieces));
	const groups = groupByLength(
		rows.map(({ ids }) => ids.length),
		maxTokens,
	);
	return groups.map((group) => group.map((i) => rows[i] as Row));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
