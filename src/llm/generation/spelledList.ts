/** A list constraint from texts: every item is spelled as its tokens come in the middle of a list. */
import { itemAt } from '../../core/present.ts';
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
	const spelled: { readonly parts: readonly TokenIds[]; readonly times: number }[] = [];
	const unspellable: string[] = [];
	for (const { text, times } of items) {
		const parts = partsOf([open, text, close], await encode(open + text + close));
		const list =
			most < 2
				? parts
				: partsOf([open, text, between, text, close], await encode([open, text, between, text, close].join('')));
		if (parts === null || list === null || (parts[1]?.length ?? 0) === 0) unspellable.push(text);
		else spelled.push({ parts: most < 2 ? [...parts.slice(0, 2), [], parts[1] ?? [], parts[2] ?? []] : list, times });
	}
	const [first] = spelled;
	if (first === undefined) return null;
	const [opening = [], , middle = [], , closing = []] = first.parts;
	return {
		constraint: {
			open: opening,
			items: spelled.map(({ parts, times }) => ({ tokens: parts[1] ?? [], times })),
			between: middle,
			close: closing,
			most,
		},
		unspellable,
	};
}

/** Returns the tokens of each text, of those put together; null where a token spans several. */
function partsOf(texts: readonly string[], { ids, spans }: EncodedText): TokenIds[] | null {
	const found: number[][] = texts.map(() => []);
	const ends = texts.map((_, i) => texts.slice(0, i + 1).join('').length);
	for (const [token, { start, end }] of spans.entries()) {
		const part = ends.findIndex((until) => start < until);
		if (part < 0 || end > itemAt(ends, part)) return null;
		found[part]?.push(itemAt(ids, token));
	}
	return found;
}
