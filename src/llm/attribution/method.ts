/** Attribution methods: what they declare, what they need of a model, and how they compute. Letters: B rows, T tokens, D width. */
import type { Aggregation, MethodDeclaration } from '../../core/declarations.ts';
import type { Missing } from '../../core/score.ts';
import type { Edits } from '../../engine/graph/backward.ts';
import type { Node } from '../../engine/graph/node.ts';
import type {
	AttentionChoice,
	ExplainedPrompt,
	MultiPassAttribution,
	MultiPassRequest,
	PassOutput,
	TokenIds,
} from '../languageModel.ts';
import type { Decoder } from '../models/decoder.ts';
import type { EngineContext } from '../sessions/engineContext.ts';

/** One forward pass, which all methods that read from it share, and the walks back from its target t. */
export interface SharedPass {
	readonly decoder: Decoder;
	/** E [B*T, D]. */
	readonly embeddings: Node;
	/** A of each layer after softmax [B, G, R, T, S]; the first P of the S keys are cached tokens. */
	readonly attentions: readonly Node[];
	/** Layers and heads that `attention` is to read. */
	readonly attention: AttentionChoice;
	/** Returns dt/dE [B*T, D], with the rules of `edits` in the place of the ordinary ones where there are any. */
	readonly gradient: (edits?: Edits) => Node;
	/** Returns dt/dA of each layer, for methods with `needsAttentionGradients`. */
	readonly attentionGradients: () => readonly Node[];
}

/** Reads its scores from one forward (and backward) pass. */
export interface PassMethod {
	readonly kind: 'pass';
	readonly declaration: MethodDeclaration & { readonly aggregation: Aggregation };
	/** The name of its scores; it is part of cell ids, so it stays what it is. */
	readonly output: PassOutput;
	/** True where the scores are relative to a token that stands for no word: the input `neutralToken` [1, 1]. */
	readonly needsNeutralToken?: boolean;
	/** True where it asks for gradients of attention weights, which must then be computed whole. */
	readonly needsAttentionGradients?: boolean;
	/** Returns the scores [B, T] as a node. Throws a `UserError` for a choice that the model does not have. */
	reduce(pass: SharedPass): Node;
}

/** What the passes of a method cost for one text. */
export interface PassCost {
	/** Prompts read. */
	readonly forward: number;
	/** Passes back through such a prompt. */
	readonly backward: number;
	/** Whether the numbers are exact, or the least there can be. */
	readonly bound: 'exact' | 'least';
}

export type RequestKind = MultiPassRequest['kind'];
export type RequestOf<Kind extends RequestKind> = MultiPassRequest & { readonly kind: Kind };

/** Reads its scores from several passes per example. */
export interface MultiPassMethod<Kind extends RequestKind = RequestKind> {
	readonly kind: 'multiPass';
	readonly declaration: MethodDeclaration & { readonly aggregation: Aggregation };
	/** The kind of its requests. */
	readonly requestKind: Kind;
	/** Returns what to compute, or why it cannot be done with these tokens. */
	request(tokens: BaselineTokens): RequestOf<Kind> | Missing;
	/** Returns what a prompt of so many tokens costs. */
	cost(request: RequestOf<Kind>, tokens: number): PassCost;
	/** Returns the scores of one prompt. Throws a `UserError` where the model's family does not support it. */
	attribute(context: EngineContext, prompt: ExplainedPrompt, request: RequestOf<Kind>): Promise<MultiPassAttribution>;
}

/** Tokens that can stand in the place of a text's own. */
export interface BaselineTokens {
	/** The token of a single space, null where the tokenizer has none. */
	readonly neutral: number | null;
	/** Tokens of common words, at least one. */
	readonly commonWords: TokenIds;
}
