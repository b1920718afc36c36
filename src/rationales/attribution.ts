/** What a method says about the words of a text. Letter: W words. */

/** What a method says about the words of one example. */
export interface Attribution {
	/** Score per word [W], null where a word has no token; null for methods that only choose words. */
	readonly scores: readonly (number | null)[] | null;
	/** The words the method itself chose, in its order; null for methods that only score. */
	readonly own: readonly number[] | null;
}
