/** What methods and metrics say about themselves; the kernel checks and the report renders from it. */

/** What a method must be able to ask of a model. */
export type Need =
	| 'attention'
	| 'gradients'
	| 'labelScores'
	| 'generation'
	| 'constrainedGeneration'
	| 'attentionBlocking'
	| 'annotations'
	| 'nothing';

/** How the scores of a word's tokens become the word's score (docs/methods.md B.2). */
export type Aggregation = 'sum' | 'max' | 'mean' | 'first';

export interface MethodDeclaration {
	readonly id: string;
	readonly title: string;
	readonly family: 'attribution' | 'prompting' | 'reference';
	readonly needs: Need;
	/** True when scores may be negative (evidence against). */
	readonly signed: boolean;
	/** True when the scores explain one label rather than the representation. */
	readonly targetSpecific: boolean;
	/** Null for methods that choose words themselves. */
	readonly aggregation: Aggregation | null;
	/** Paper and equation, or reference implementation. */
	readonly source: string;
	/** What the numbers say that come with the scores of a text, by their name; left out where there are none. */
	readonly diagnostics?: Readonly<Record<string, string>>;
}

export interface MetricDeclaration {
	readonly id: string;
	readonly title: string;
	readonly family: 'prediction' | 'alignment' | 'faithfulness';
	readonly range: readonly [number, number];
	readonly better: 'higher' | 'lower' | 'neither';
	readonly needs: 'predictions' | 'annotations' | 'masking';
	/** What is judged: the answers, the words a selection chose, or the order that scores give all words. */
	readonly judges: 'answers' | 'chosen' | 'scores';
	readonly source: string;
}
