/**
 * Masked texts by name: what a measure asks a model about, and under which name the answer is kept. Each says which words of
 * a text are masked, and knows neither models nor prompts. Letter: W words.
 */

/** A text's words, and what a method says of them. */
export interface MaskableWords {
	/** W. */
	readonly wordCount: number;
	/** Words with a token, rising: only these can be masked. */
	readonly eligible: readonly number[];
	/** Returns the words with the largest scores that make up a share of the text; null where the method gives no scores. */
	readonly best: (share: number) => readonly number[] | null;
	/** The rationale's words; none where no words were chosen. */
	readonly chosen: readonly number[];
	/** As many random words, one set per draw. */
	readonly draws: readonly (readonly number[])[];
}

/** Words that are masked together; null where they cannot be told. */
export type WordSet = readonly number[] | null;

interface Named {
	/** The same for all texts, methods and maskings. */
	readonly name: string;
	/** What it is made from: the text alone, scores of its words, or chosen words. */
	readonly madeFrom: 'text' | 'scores' | 'choice';
}

/** One masked text. */
export interface SingleText extends Named {
	readonly words: (text: MaskableWords) => WordSet;
}

/** Several that differ in one thing: a word each, a draw each. */
export interface TextSeries extends Named {
	readonly series: (text: MaskableWords) => readonly WordSet[];
}

export type MaskedText = SingleText | TextSeries;

/** The best share of the words masked, `masked 0.05`. */
export function bestMasked(share: number): SingleText {
	return { name: `masked ${share}`, madeFrom: 'scores', words: ({ best }) => best(share) };
}

/** All but the best share of the words masked, `kept 0.2`. */
export function bestKept(share: number): SingleText {
	return { name: `kept ${share}`, madeFrom: 'scores', words: (text) => allBut(text, text.best(share)) };
}

/** Every word masked. */
export const allMasked: SingleText = { name: 'all', madeFrom: 'text', words: ({ eligible }) => eligible };

/** One word masked at a time, by word number [W]; null for words that cannot be masked. */
export const oneWord: TextSeries = {
	name: 'one word',
	madeFrom: 'text',
	series: ({ wordCount, eligible }) => {
		const able = new Set(eligible);
		return Array.from({ length: wordCount }, (_, word) => (able.has(word) ? [word] : null));
	},
};

/** The chosen words masked. */
export const chosenMasked: SingleText = { name: 'masked', madeFrom: 'choice', words: ({ chosen }) => chosen };

/** All but the chosen words masked. */
export const chosenKept: SingleText = { name: 'kept', madeFrom: 'choice', words: (text) => allBut(text, text.chosen) };

/** As many random words masked as were chosen, draw by draw. */
export const randomMasked: TextSeries = { name: 'control', madeFrom: 'choice', series: ({ draws }) => draws };

function allBut({ eligible }: MaskableWords, kept: WordSet): WordSet {
	if (kept === null) return null;
	const left = new Set(kept);
	return eligible.filter((word) => !left.has(word));
}
