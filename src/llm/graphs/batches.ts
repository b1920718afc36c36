/** Groups sequences into batches of similar length. */

/**
 * Returns groups of indices, shortest sequences first, such that rows times the longest row stays within `maxTokens`
 * (a single longer sequence is a group of its own). The same lengths always give the same groups.
 */
export function groupByLength(lengths: readonly number[], maxTokens: number): number[][] {
	const order = lengths
		.map((_, index) => index)
		.sort((a, b) => (lengths[a] as number) - (lengths[b] as number) || a - b);
	const groups: number[][] = [];
	for (const index of order) {
		const group = groups.at(-1);
		const fits = group !== undefined && (group.length + 1) * (lengths[index] as number) <= maxTokens;
		if (fits) group.push(index);
		else groups.push([index]);
	}
	return groups;
}
