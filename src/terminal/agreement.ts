import { groupBy } from '../core/groupBy.ts';
import { itemAt } from '../core/present.ts';
import { alignColumns, formatShare, wrapText } from './layout.ts';
import { MOST_SHOWN_WHOLE } from './methodTable.ts';
import { bareWord } from './words.ts';
import type { Channel } from './channel.ts';
import { printable } from '../core/printable.ts';
import type { Agreement } from '../records/explanation.ts';

const INDENT = 2;

/**
 * Returns the words that more than one method chose, most chosen first, and a line per pair, or per share in common
 * where there are many; nothing for one method.
 */
export function renderAgreement(
	agreement: Agreement,
	words: readonly { readonly text: string }[],
	{ colours, columns }: Channel,
): string[] {
	const { methods, votes } = agreement;
	if (methods.length < 2) return [];
	const several = [...votes.keys()].filter((word) => itemAt(votes, word) > 1);
	const listed = several
		.toSorted((a, b) => itemAt(votes, b) - itemAt(votes, a))
		.map((word) => `${bareWord(printable(itemAt(words, word).text))} (${votes[word]})`);
	const text = listed.length === 0 ? 'no word is chosen by two' : `chosen by several: ${listed.join(', ')}`;
	const lines =
		methods.length > MOST_SHOWN_WHOLE
			? linePerShare(agreement).flatMap((line) => wrapText(line, columns, INDENT))
			: alignColumns(rowPerPair(agreement), INDENT);
	return [
		colours.bold(`Agreement of ${methods.length} methods`),
		...wrapText(text, columns, INDENT),
		...lines.map(colours.dim),
	];
}

function rowPerPair({ overlaps }: Agreement): string[][] {
	return overlaps.map(({ first, second, shared, either, overlap }) => [
		first,
		second,
		`${shared} of ${either} words in common, ${formatShare(overlap)}`,
	]);
}

/** Returns the methods by their mean overlap with all others, those most like the others first. */
function linePerShare({ methods, overlaps }: Agreement): string[] {
	const means = methods.map((method) => {
		const own = overlaps.filter(({ first, second }) => first === method || second === method);
		return { method, mean: own.reduce((sum, { overlap }) => sum + overlap, 0) / own.length };
	});
	const byShare = groupBy(
		means.toSorted((a, b) => b.mean - a.mean),
		({ mean }) => formatShare(mean),
	);
	return [
		'words in common with another method, on average:',
		...[...byShare].map(([share, own]) => `${share}  ${own.map(({ method }) => method).join(', ')}`),
	];
}
