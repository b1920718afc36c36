import type { Branch } from './prefixTree.ts';
import type { PlacedToken, Reading, Row } from '../graphs/row.ts';

/** A branch with what it needs before it that is not kept anywhere. */
export interface Piece {
	/** Computed again for this piece. */
	readonly lead: readonly PlacedToken[];
	readonly branch: Branch;
}

export function sizeOfPiece({ lead, branch }: Piece): number {
	return lead.length + branch.size;
}

/** Returns the row of some pieces. Those that see most of what was kept come first, so that `reach` falls. */
export function packedRow(pieces: readonly Piece[]): Row {
	const row = { ids: [] as number[], positions: [] as number[], ends: [] as number[], reach: [] as number[] };
	const readings: Reading[] = [];
	const write = (tokens: readonly PlacedToken[], reach: number): number => {
		const from = row.ids.length;
		for (const { id, position } of tokens) {
			row.ids.push(id);
			row.positions.push(position);
			row.ends.push(-1);
			row.reach.push(reach);
		}
		return from;
	};
	const walk = ({ tokens, branches, reads }: Branch, reach: number): void => {
		const from = write(tokens, reach);
		if (reads !== null) {
			const { passage, count } = reads;
			readings.push({ passage, count, place: from + tokens.length - count });
		}
		for (const branch of branches) walk(branch, reach);
		for (let i = from; i < from + tokens.length; i++) row.ends[i] = row.ids.length - 1;
	};
	const startOf = ({ lead, branch }: Piece): number => branch.start - lead.length;
	for (const piece of pieces.toSorted((a, b) => startOf(b) - startOf(a))) {
		const from = write(piece.lead, startOf(piece));
		walk(piece.branch, startOf(piece));
		for (let i = from; i < from + piece.lead.length; i++) row.ends[i] = row.ids.length - 1;
	}
	return { ...row, readings };
}
