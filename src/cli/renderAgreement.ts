/** Which words several methods chose, for the terminal. */
import type { Agreement } from '../study/agreement.ts';
import { alignColumns, formatShare, wrapText } from './layout.ts';
import { type Channel, printable } from './terminal.ts';

const INDENT = 2;

/** Returns the words that more than one method chose, most chosen first, and a line per pair; nothing for one method. */
export function renderAgreement(
	{ methods, votes, overlaps }: Agreement,
	words: readonly { readonly text: string }[],
	{ colours, columns }: Channel,
): string[] {
	if (methods.length < 2) return [];
	const several = [...votes.keys()].filter((word) => (votes[word] ?? 0) > 1);
	const listed = several
		.toSorted((a, b) => (votes[b] ?? 0) - (votes[a] ?? 0))
		.map((word) => `${printable(words[word]?.text ?? '')} (${votes[word]})`);
	const text = listed.length === 0 ? 'no word is chosen by two' : `chosen by several: ${listed.join(', ')}`;
	const rows = overlaps.map(({ first, second, shared, either, overlap }) => [
		first,
		second,
		`${shared} of ${either} words in common, ${formatShare(overlap)}`,
	]);
	return [
		colours.bold(`Agreement of ${methods.length} methods`),
		...wrapText(text, columns, INDENT),
		...alignColumns(rows, INDENT).map(colours.dim),
	];
}
