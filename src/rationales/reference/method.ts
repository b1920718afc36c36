/** References: choices of words that no model makes. */
import type { MethodDeclaration } from '../../core/declarations.ts';
import type { Example } from '../../core/example.ts';
import type { Missing } from '../../core/score.ts';
import type { Attribution } from '../attribution.ts';

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
	rank(context: ReferenceContext): Attribution | Missing;
}
