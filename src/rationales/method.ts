/** What a method is and what it says about one example. Letters: W words of the example. */
import type { Aggregation, MethodDeclaration } from '../core/declarations.ts';
import type { Example } from '../core/example.ts';
import type { MultiPassRequest, PassOutput, TokenIds } from '../llm/languageModel.ts';
import type { RationalePrompt } from '../prompts/prompt.ts';
import type { Plan, PlanRequest, UnitScores } from './perturbation/plan.ts';
import type { ReplacementRequest } from './perturbation/replacement.ts';
import type { RewritingKind } from './prompting/rewriting.ts';

/** What a method says about the words of one example. */
export interface Ranking {
	/** Score per word [W], null where a word has no token; null for methods that only choose words. */
	readonly scores: readonly (number | null)[] | null;
	/** The words the method itself chose, in its order; null for methods that only score. */
	readonly own: readonly number[] | null;
}

/** Why a method says nothing about an example. */
export interface Missing {
	readonly missing: string;
}

/** Reads its scores from one forward (and backward) pass. */
export interface PassMethod {
	readonly kind: 'pass';
	readonly declaration: MethodDeclaration & { readonly aggregation: Aggregation };
	readonly output: PassOutput;
	/** True where the scores are relative to a token that stands for no word. */
	readonly needsNeutralToken?: boolean;
}

/** Tokens that can stand in the place of a text's own. */
export interface StandInTokens {
	/** The token of a single space, null where the tokenizer has none. */
	readonly neutral: number | null;
	/** Tokens of everyday words, at least one. */
	readonly everyday: TokenIds;
}

/** Reads its scores from several passes per example. */
export interface MultiPassMethod {
	readonly kind: 'multiPass';
	readonly declaration: MethodDeclaration & { readonly aggregation: Aggregation };
	/** Returns what to compute, or why it cannot be done with these tokens. */
	request(tokens: StandInTokens): MultiPassRequest | Missing;
}

/** Which place in the text a listed item stands for (docs/methods.md C.3). */
export interface MatchingOptions {
	/** All places where the item occurs, or for each time it is listed the next one in reading order. */
	readonly repeated: 'all' | 'first';
	/** Whether a word of 5 letters or more that occurs nowhere may differ by one edit from a word that does. */
	readonly spelling: boolean;
}

/** Asks the model for the words. */
export interface PromptMethod {
	readonly kind: 'prompt';
	readonly declaration: MethodDeclaration;
	readonly prompt: RationalePrompt;
	readonly matching: MatchingOptions;
	/** Whether nothing but lists of the text's words can be generated, so that there is nothing to match. */
	readonly isConstrained?: true;
	/** What the answer is: a list of words (when left out), a number per word, or the text written again. */
	readonly reading?: 'scores' | RewritingKind;
	/** The rule for the number of words asked for; the study's when left out. */
	readonly guidedBy?: 'top_ratio';
}

/** Takes units (words, sentences, spans) away and compares predictions. */
export interface PerturbationMethod {
	readonly kind: 'perturbation';
	readonly declaration: MethodDeclaration;
	/** Returns what to evaluate, or why it cannot be done with so few evaluations. */
	plan(request: PlanRequest): Plan | Missing;
}

/** Puts other tokens in the place of units and compares predictions. */
export interface ReplacementMethod {
	readonly kind: 'replacement';
	readonly declaration: MethodDeclaration;
	explain(request: ReplacementRequest): Promise<UnitScores | Missing>;
}

/** What a reference may look at; it never sees a model. */
export interface ReferenceContext {
	readonly example: Example;
	/** The study's seed: a reference is the same for all models. */
	readonly seed: number | string;
	/** Word numbers of the human rationale, null where the example has none. */
	readonly annotated: readonly number[] | null;
}

/** What explanations are compared with. */
export interface ReferenceMethod {
	readonly kind: 'reference';
	readonly declaration: MethodDeclaration;
	rank(context: ReferenceContext): Ranking | Missing;
}

export type Method =
	| PassMethod
	| MultiPassMethod
	| PromptMethod
	| PerturbationMethod
	| ReplacementMethod
	| ReferenceMethod;
