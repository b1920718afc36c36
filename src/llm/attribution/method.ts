/** Attribution methods: what they need of a model and how they declare it. */
import type { Aggregation, MethodDeclaration } from '../../core/declarations.ts';
import type { MultiPassRequest, PassOutput, TokenIds } from '../languageModel.ts';
import type { Missing } from '../../core/score.ts';

/** Reads its scores from one forward (and backward) pass. */
export interface PassMethod {
	readonly kind: 'pass';
	readonly declaration: MethodDeclaration & { readonly aggregation: Aggregation };
	readonly output: PassOutput;
	/** True where the scores are relative to a token that stands for no word. */
	readonly needsNeutralToken?: boolean;
}

/** Reads its scores from several passes per example. */
export interface MultiPassMethod {
	readonly kind: 'multiPass';
	readonly declaration: MethodDeclaration & { readonly aggregation: Aggregation };
	/** Returns what to compute, or why it cannot be done with these tokens. */
	request(tokens: BaselineTokens): MultiPassRequest | Missing;
}

/** Tokens that can stand in the place of a text's own. */
export interface BaselineTokens {
	/** The token of a single space, null where the tokenizer has none. */
	readonly neutral: number | null;
	/** Tokens of common words, at least one. */
	readonly commonWords: TokenIds;
}
