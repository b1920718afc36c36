/**
 * The merges of a SentencePiece vocabulary, which GGUF files leave out: every token may be put together from each pair of
 * tokens that spell it, the best ones first. Source: `generate_merges` of transformers, `tokenization_utils_base.py`.
 */

/** Returns pairs of tokens in the order in which they are put together; `ranks` has the higher number for what comes first. */
export function vocabularyMerges(tokens: readonly string[], ranks: ArrayLike<number>): [string, string][] {
	const ids = new Map(tokens.map((token, id) => [token, id]));
	const rankOf = (id: number): number => ranks[id] as number;
	const inOrder = [...tokens.keys()].sort((a, b) => rankOf(b) - rankOf(a));
	const merges: [string, string][] = [];
	let first = 0;
	while (first < inOrder.length) {
		let end = first + 1;
		while (end < inOrder.length && rankOf(inOrder[end] as number) === rankOf(inOrder[first] as number)) end++;
		const alike = inOrder.slice(first, end).map((id) => tokens[id] as string);
		for (const { left, right } of mergesOf(alike, ids)) merges.push([left, right]);
		first = end;
	}
	return merges;
}

interface Merge {
	readonly left: string;
	readonly right: string;
	/** In characters, as are those of the right part. */
	readonly leftLength: number;
	readonly rightLength: number;
}

/** Returns the merges of tokens of one rank; a token alone, as most are, has them in order. */
function mergesOf(tokens: readonly string[], ids: ReadonlyMap<string, number>): Merge[] {
	const [only] = tokens;
	if (only !== undefined && tokens.length === 1) return splitsOf(only, ids).reverse();
	const idOf = (text: string): number => ids.get(text) as number;
	const byIds = (a: Merge, b: Merge): number => idOf(a.left) - idOf(b.left) || idOf(a.right) - idOf(b.right);
	const splits = tokens.flatMap((token) => splitsOf(token, ids).sort(byIds));
	return splits.sort((a, b) => b.leftLength - a.leftLength || b.rightLength - a.rightLength);
}

/** Returns the pairs of tokens that spell a token, the one with the shortest left part first. */
function splitsOf(token: string, ids: ReadonlyMap<string, number>): Merge[] {
	const characters = Array.from(token);
	const splits: Merge[] = [];
	let left = '';
	for (const [i, character] of characters.entries()) {
		if (i > 0 && ids.has(left)) {
			const right = token.slice(left.length);
			if (ids.has(right)) splits.push({ left, right, leftLength: i, rightLength: characters.length - i });
		}
		left += character;
	}
	return splits;
}
