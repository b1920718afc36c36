/** Prompting methods: how a model is asked for words. */
import type { MethodDeclaration } from '../../core/declarations.ts';
import type { RationalePrompt } from '../../prompts/prompt.ts';
import type { RewritingKind } from './rewriting.ts';
import type { MatchingOptions } from './matching.ts';

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
