import type { PrefixNode } from './prefixTree.ts';
import type { PositionedToken, Readout, Row } from '../graphs/row.ts';

/** A subtree with what it needs before it that is not cached anywhere. */
export interface RowSegment {
	/** Computed again for this segment. */
	readonly lead: readonly PositionedToken[];
	readonly node: PrefixNode;
}

export function sizeOfSegment({ lead, node }: RowSegment): number {
	return lead.length + node.size;
}

/** Returns the row of some segments. Those that see most of the cache come first, so that `visiblePrefix` falls. */
export function packedRow(segments: readonly RowSegment[]): Row {
	const row = {
		ids: [] as number[],
		positions: [] as number[],
		visibleUntil: [] as number[],
		visiblePrefix: [] as number[],
	};
	const readouts: Readout[] = [];
	const write = (tokens: readonly PositionedToken[], visiblePrefix: number): number => {
		const from = row.ids.length;
		for (const { id, position } of tokens) {
			row.ids.push(id);
			row.positions.push(position);
			row.visibleUntil.push(-1);
			row.visiblePrefix.push(visiblePrefix);
		}
		return from;
	};
	const walk = ({ tokens, children, readout }: PrefixNode, visiblePrefix: number): void => {
		const from = write(tokens, visiblePrefix);
		if (readout !== null) {
			const { sequence, count } = readout;
			readouts.push({ sequence, count, index: from + tokens.length - count });
		}
		for (const child of children) walk(child, visiblePrefix);
		for (let i = from; i < from + tokens.length; i++) row.visibleUntil[i] = row.ids.length - 1;
	};
	const startOf = ({ lead, node }: RowSegment): number => node.start - lead.length;
	for (const segment of segments.toSorted((a, b) => startOf(b) - startOf(a))) {
		const from = write(segment.lead, startOf(segment));
		walk(segment.node, startOf(segment));
		for (let i = from; i < from + segment.lead.length; i++) row.visibleUntil[i] = row.ids.length - 1;
	}
	return { ...row, readouts };
}
