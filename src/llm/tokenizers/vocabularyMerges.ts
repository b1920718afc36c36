/**
 * The merges of a SentencePiece vocabulary, which GGUF files leave out: every token may be put together from each pair of
 * tokens that spell it, the best ones first. Source: `generate_merges` of transformers, `tokenization_utils_base.py`.
 */

/** Returns pairs of tokens in the order in which they are put together; `ranks` has the higher number for what comes first. */
export function vocabularyMerges(tokens: readonly string[], ranks: ArrayLike<number>): [string, string][] {
	const ids = new Map(tokens.map((token, id) => [token, id]));
	const merges: Merge[] = [];
	for (const [id, token] of tokens.entries()) merges.push(...splitsOf(token, ranks[id] as number, ids));
	return merges.sort(byRank).map(({ left, right }) => [left, right]);
}

interface Merge {
	readonly left: string;
	readonly right: string;
	readonly rank: number;
	/** In characters, as are those of the right part. */
	readonly leftLength: number;
	readonly rightLength: number;
}

function splitsOf(token: string, rank: number, ids: ReadonlyMap<string, number>): Merge[] {
	const characters = Array.from(token);
	const splits: (Merge & { readonly order: readonly [number, number] })[] = [];
	let left = '';
	for (const [i, character] of characters.entries()) {
		if (i > 0) {
			const right = token.slice(left.length);
			const [leftId, rightId] = [ids.get(left), ids.get(right)];
			if (leftId !== undefined && rightId !== undefined) {
				splits.push({ left, right, rank, leftLength: i, rightLength: characters.length - i, order: [leftId, rightId] });
			}
		}
		left += character;
	}
	return splits.sort((a, b) => a.order[0] - b.order[0] || a.order[1] - b.order[1]);
}

function byRank(a: Merge, b: Merge): number {
	return b.rank - a.rank || b.leftLength - a.leftLength || b.rightLength - a.rightLength;
}
