/** A list constraint from texts: every item is spelled as its tokens come in the middle of a list. */
import { itemAt, zip } from '../../core/present.ts';
import type { EncodedText, TokenIds, ListConstraint } from '../languageModel.ts';

/** `["hip", "knee"]`: open `["`, between `", "`, close `"]`. */
export interface ListTexts {
	readonly open: string;
	readonly items: readonly { readonly text: string; readonly times: number }[];
	readonly between: string;
	readonly close: string;
	readonly most: number;
}

/**
 * Returns the constraint, and the number of each text among its items; `unspellable` are the texts that no tokens of
 * their own spell: some token spans one of them and what is around it. Null where no text can be spelled.
 */
export async function spelledList(
	{ open, items, between, close, most }: ListTexts,
	encode: (text: string) => Promise<EncodedText>,
): Promise<{ readonly constraint: ListConstraint; readonly unspellable: readonly string[] } | null> {
	const spelled: { readonly list: SpelledTwice; readonly times: number }[] = [];
	const unspellable: string[] = [];
	for (const { text, times } of items) {
		const alone = partsOf([open, text, close], await encode(open + text + close));
		const list =
			alone === null || most < 2
				? alone && withoutBetween(alone)
				: partsOf([open, text, between, text, close], await encode([open, text, between, text, close].join('')));
		if (alone === null || list === null || alone[1].length === 0) unspellable.push(text);
		else spelled.push({ list, times });
	}
	const [first] = spelled;
	if (first === undefined) return null;
	const [opening, , middle, , closing] = first.list;
	return {
		constraint: {
			open: opening,
			items: spelled.map(({ list: [, tokens], times }) => ({ tokens, times })),
			between: middle,
			close: closing,
			most,
		},
		unspellable,
	};
}

/** The tokens of a list of one text twice: what opens it, the text, what stands between, the text, what closes it. */
type SpelledTwice = readonly [TokenIds, TokenIds, TokenIds, TokenIds, TokenIds];

/** A list of one text needs nothing between two. */
function withoutBetween([open, text, close]: readonly [TokenIds, TokenIds, TokenIds]): SpelledTwice {
	return [open, text, [], text, close];
}

/** Returns the tokens of each text, of those put together; null where a token spans several. */
function partsOf<const Texts extends readonly string[]>(
	texts: Texts,
	{ ids, spans }: EncodedText,
): { readonly [Index in keyof Texts]: TokenIds } | null {
	const found: number[][] = texts.map(() => []);
	const ends = texts.map((_, i) => texts.slice(0, i + 1).join('').length);
	for (const [id, { start, end }] of zip(ids, spans)) {
		const part = ends.findIndex((until) => start < until);
		if (part < 0 || end > itemAt(ends, part)) return null;
		itemAt(found, part).push(id);
	}
	// `map` keeps the length of a tuple, but not in its type.
	return found as { readonly [Index in keyof Texts]: TokenIds };
}
