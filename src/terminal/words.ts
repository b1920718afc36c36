/** Returns a word without the punctuation around it, unless it is nothing else. */
export function bareWord(word: string): string {
	return word.replaceAll(/^\p{P}+|\p{P}+$/gu, '') || word;
}

/** Returns a text of at most `most` characters, the last one `…` where something is left out. */
export function shortened(text: string, most: number): string {
	return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
