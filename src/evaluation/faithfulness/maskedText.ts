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
	/** Returns the words with the largest scores that make up a share of the text; null where they cannot be told. */
	readonly best: (share: number) => readonly number[] | null;
	/** The rationale's words; none where no words were chosen. */
	readonly chosen: readonly number[];
	/** As many random words, one set per draw. */
	readonly draws: readonly (readonly number[])[];
}

/** Words that are masked together; null where they cannot be told. */
export type WordSet = readonly number[] | null;

interface Named {
	/** The same for all texts, methods and maskings; other names are other texts. */
	readonly name: string;
	/** What it is asked of: every rationale, rationales with a score per word, or every choice of words. */
	readonly askedOf: 'rationale' | 'scores' | 'choice';
	/** Smaller ones are asked first, whatever asks for them: which prompts share a batch decides their last digits. */
	readonly order: number;
	/** Says that there is no answer, in words. */
	readonly absent: string;
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
	return { ...ofShare('masked', share, 2), words: ({ best }) => best(share) };
}

/** All but the best share of the words masked, `kept 0.2`. */
export function bestKept(share: number): SingleText {
	return { ...ofShare('kept', share, 4), words: (text) => allBut(text, text.best(share)) };
}

/** By rising share, after `first`. */
function ofShare(side: 'masked' | 'kept', share: number, first: number): Named {
	const absent = `no prediction with ${share} of the words`;
	return { name: `${side} ${share}`, askedOf: 'scores', order: first + share, absent };
}

/** Every word masked. */
export const allMasked: SingleText = {
	name: 'all',
	askedOf: 'rationale',
	order: 0,
	absent: 'not asked with every word masked',
	words: ({ eligible }) => eligible,
};

/** One word masked at a time, by word number [W]; null for words that cannot be masked. */
export const oneWordMasked: TextSeries = {
	name: 'one word',
	askedOf: 'scores',
	order: 1,
	absent: 'not asked with single words masked',
	series: ({ wordCount, eligible }) => {
		const able = new Set(eligible);
		return Array.from({ length: wordCount }, (_, word) => (able.has(word) ? [word] : null));
	},
};

/** The chosen words masked. */
export const chosenMasked: SingleText = {
	name: 'masked',
	askedOf: 'choice',
	order: 0,
	absent: 'no rationale',
	words: ({ chosen }) => chosen,
};

/** All but the chosen words masked. */
export const chosenKept: SingleText = {
	name: 'kept',
	askedOf: 'choice',
	order: 2,
	absent: 'no rationale',
	words: (text) => allBut(text, text.chosen),
};

/** As many random words masked as were chosen, draw by draw. */
export const randomMasked: TextSeries = {
	name: 'control',
	askedOf: 'choice',
	order: 1,
	absent: 'no random words of the same number were masked',
	series: ({ draws }) => draws,
};

function allBut({ eligible }: MaskableWords, kept: WordSet): WordSet {
	if (kept === null) return null;
	const left = new Set(kept);
	return eligible.filter((word) => !left.has(word));
}
