/** Returns how many items all sequences begin with; 0 for no sequence. */
export function commonPrefixLength(sequences: readonly (readonly unknown[])[]): number {
	const [first = []] = sequences;
	return sequences.reduce((length, sequence) => {
		const same = sequence.findIndex((item, i) => i >= length || item !== first[i]);
		return same === -1 ? Math.min(length, sequence.length) : same;
	}, first.length);
}
