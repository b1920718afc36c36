/**
 * Ways of taking words from a prompt. They work on the token ids of the one tokenised prompt, never on re-tokenised
 * text, so that every other token stays what it was (docs/methods.md E.9).
 */
import type { Need } from '../core/declarations.ts';
import { UserError } from '../core/errors.ts';
import { itemAt } from '../core/present.ts';
import type { TokenIds } from '../llm/languageModel.ts';

/** A prompt whose words can be masked. */
export interface MaskablePrompt {
	readonly ids: TokenIds;
	/** Token positions of each word [W]. */
	readonly tokensOfWord: readonly (readonly number[])[];
	/** The token of a single space; null where the tokenizer has none. */
	readonly neutralToken: number | null;
}

/** A prompt without what some of its words say. */
export interface MaskedPrompt {
	readonly ids: TokenIds;
	/** Positions, rising, that no later token attends to; most maskings name none. */
	readonly blocked: readonly number[];
}

export interface Masking {
	readonly id: string;
	readonly title: string;
	/** What to keep in mind when reading a flip rate. */
	readonly caution: string;
	/** What a model must be able to do; left out where any will do. */
	readonly needs?: Need;
	/** Returns the prompt without what the tokens at `positions` say. */
	mask(prompt: MaskablePrompt, positions: ReadonlySet<number>): MaskedPrompt;
}

/** All maskings by id. */
export const maskings = {
	space: {
		id: 'space',
		title: 'every token of the word becomes a space',
		caution: 'Length and positions stay; a run of spaces is unusual text and still shows how long the words were.',
		mask: ({ ids, neutralToken }, positions) => {
			const neutral = neutralToken ?? noNeutralToken();
			return unblocked(ids.map((id, position) => (positions.has(position) ? neutral : id)));
		},
	},
	delete: {
		id: 'delete',
		title: 'the tokens of the word are left out',
		caution: 'The text gets shorter and later positions move; what remains may be ungrammatical.',
		mask: ({ ids }, positions) => unblocked(ids.filter((_, position) => !positions.has(position))),
	},
	block_attention: {
		id: 'block_attention',
		title: 'no later token attends to the tokens of the word',
		caution: 'All other tokens keep their places; where words are missing shows in the positions only.',
		needs: 'attentionBlocking',
		mask: ({ ids }, positions) => ({ ids, blocked: [...positions].toSorted((a, b) => a - b) }),
	},
} as const satisfies Readonly<Record<string, Masking>>;

export type MaskingId = keyof typeof maskings;

/** Returns a prompt of which no token is blocked. */
export function unblocked(ids: TokenIds): MaskedPrompt {
	return { ids, blocked: [] };
}

/**
 * Returns the prompt with the words masked; words without tokens change nothing. Throws a UserError for `space`
 * without a neutral token.
 */
export function maskWords(masking: Masking, prompt: MaskablePrompt, words: readonly number[]): MaskedPrompt {
	return masking.mask(prompt, new Set(words.flatMap((word) => itemAt(prompt.tokensOfWord, word))));
}

function noNeutralToken(): never {
	throw new UserError(
		'masking "space": the tokenizer of this model has no token for a single space. Use masking "delete".',
	);
}
