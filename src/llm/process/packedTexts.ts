/** Texts as tokens, in the form in which they travel between processes: three numbers per token. */
import { itemAt, zip } from '../../core/present.ts';
import type { EncodedText } from '../languageModel.ts';

export interface PackedText {
	/** Per token its id and the start and end of its span. */
	readonly numbers: Uint32Array;
}

/** Returns texts as they are sent. */
export function packedTexts(texts: readonly EncodedText[]): PackedText[] {
	return texts.map(({ ids, spans }) => ({
		numbers: Uint32Array.from(zip(ids, spans).flatMap(([id, { start, end }]) => [id, start, end])),
	}));
}

/** Returns a text as it was before it was sent. */
export function unpackedText({ numbers }: PackedText): EncodedText {
	const count = numbers.length / 3;
	const at = (token: number, part: number): number => itemAt(numbers, 3 * token + part);
	return {
		ids: Array.from({ length: count }, (_, token) => at(token, 0)),
		spans: Array.from({ length: count }, (_, token) => ({ start: at(token, 1), end: at(token, 2) })),
	};
}
