/** Finds a label in what a model said. */

/**
 * Returns the number of the label text that the answer consists of or begins with, as whole words and in any case (the
 * longest of several); null where there is none: an answer that only mentions a label is not a prediction.
 */
export function labelAtStart(answer: string, labelTexts: readonly string[]): number | null {
	const said = `${plainWords(answer)} `;
	const fits = [...labelTexts.entries()].filter(([, text]) => said.startsWith(`${plainWords(text)} `));
	const [longest] = fits.toSorted(([, a], [, b]) => b.length - a.length);
	return longest === undefined ? null : longest[0];
}

/** Returns lower-case words joined by single spaces, without other characters. */
export function plainWords(text: string): string {
	return text
		.normalize('NFKC')
		.toLowerCase()
		.replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
		.trim();
}
