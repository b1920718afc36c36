/** What weights take in memory, by the types they lie in. */

/** Bytes, and the same by type. */
interface WeightSizes {
	readonly weights: number;
	readonly weightsByType: Readonly<Record<string, number>>;
}

/** Smaller shares of the weights are not worth a word. */
const namedShare = 0.01;

/** Returns `1.4 GB: Q4_K 0.83 GB, Q6_K 0.57 GB`, or `0.54 GB in F32` where one type is all there is. */
export function weightsText({ weights, weightsByType }: WeightSizes, size: (bytes: number) => string): string {
	const types = Object.entries(weightsByType)
		.filter(([, bytes]) => bytes >= namedShare * weights)
		.sort(([, a], [, b]) => b - a);
	const [first, ...others] = types;
	if (first === undefined) return size(weights);
	if (others.length === 0) return `${size(weights)} in ${first[0]}`;
	return `${size(weights)}: ${types.map(([type, bytes]) => `${type} ${size(bytes)}`).join(', ')}`;
}
