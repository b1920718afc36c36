/** Finds a label in what a model said. */
import { itemAt } from './present.ts';

/**
 * Returns the number of the label text that the answer consists of or begins with, as whole words and in any case (the
 * longest of several); null where there is none: an answer that only mentions a label is not a prediction.
 */
export function labelAtStart(answer: string, labelTexts: readonly string[]): number | null {
	const said = `${plainWords(answer)} `;
	const fits = [...labelTexts.keys()].filter((c) => said.startsWith(`${plainWords(itemAt(labelTexts, c))} `));
	const length = (c: number): number => itemAt(labelTexts, c).length;
	return fits.toSorted((a, b) => length(b) - length(a))[0] ?? null;
}

/** Returns lower-case words joined by single spaces, without other characters. */
export function plainWords(text: string): string {
	return text
		.normalize('NFKC')
		.toLowerCase()
		.replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
		.trim();
}
