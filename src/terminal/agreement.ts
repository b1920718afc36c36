import { alignColumns, formatShare, wrapText } from './layout.ts';
import type { Channel } from './channel.ts';
import { printable } from '../core/printable.ts';
import type { Agreement } from '../records/explanation.ts';

const INDENT = 2;

/** With more methods than this, pairs are too many to read. */
const MOST_IN_PAIRS = 6;

/**
 * Returns the words that more than one method chose, most chosen first, and a line per pair, or per method where there
 * are many; nothing for one method.
 */
export function renderAgreement(
	agreement: Agreement,
	words: readonly { readonly text: string }[],
	{ colours, columns }: Channel,
): string[] {
	const { methods, votes } = agreement;
	if (methods.length < 2) return [];
	const several = [...votes.keys()].filter((word) => (votes[word] ?? 0) > 1);
	const listed = several
		.toSorted((a, b) => (votes[b] ?? 0) - (votes[a] ?? 0))
		.map((word) => `${printable(words[word]?.text ?? '')} (${votes[word]})`);
	const text = listed.length === 0 ? 'no word is chosen by two' : `chosen by several: ${listed.join(', ')}`;
	const rows = methods.length > MOST_IN_PAIRS ? rowPerMethod(agreement) : rowPerPair(agreement);
	return [
		colours.bold(`Agreement of ${methods.length} methods`),
		...wrapText(text, columns, INDENT),
		...alignColumns(rows, INDENT).map(colours.dim),
	];
}

function rowPerPair({ overlaps }: Agreement): string[][] {
	return overlaps.map(({ first, second, shared, either, overlap }) => [
		first,
		second,
		`${shared} of ${either} words in common, ${formatShare(overlap)}`,
	]);
}

/** Returns the methods with their mean overlap with all others, the one most like the others first. */
function rowPerMethod({ methods, overlaps }: Agreement): string[][] {
	const means = methods.map((method) => {
		const own = overlaps.filter(({ first, second }) => first === method || second === method);
		return { method, mean: own.reduce((sum, { overlap }) => sum + overlap, 0) / own.length };
	});
	return means
		.toSorted((a, b) => b.mean - a.mean)
		.map(({ method, mean }) => [method, `${formatShare(mean)} of its words and theirs in common, on average`]);
}
