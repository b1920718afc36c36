/** What many methods say about one text, a line each: their words, and what masking them does. */
import { itemAt } from '../core/present.ts';
import { methods } from '../rationales/methods.ts';
import type { MethodDeclaration } from '../core/declarations.ts';
import { printable } from '../core/printable.ts';
import type { MethodExplanation, TextExplanation } from '../records/explanation.ts';
import type { Channel } from './channel.ts';
import { alignColumns, formatShare, wrapText } from './layout.ts';
import { bareWord, shortened } from './words.ts';

/** More methods than these are shown a line each. */
export const MOST_SHOWN_WHOLE = 6;

const INDENT = 2;

const families: Readonly<Record<MethodDeclaration['family'], string>> = {
	attribution: 'Attribution',
	prompting: 'Prompting',
	reference: 'References',
};

/** Returns a line per method, grouped by family, then those that say nothing by their reason. */
export function renderMethodTable(explanation: TextExplanation, channel: Channel): string[] {
	const { colours, columns } = channel;
	const able = explanation.methods.filter(({ missing }) => missing === null);
	const rows = rowsThatFit(able, explanation, columns - INDENT);
	const groups = Object.entries(families).flatMap(([family, title]) => {
		const own = rows.filter((_, i) => familyOf(able[i]) === family);
		return own.length === 0 ? [] : ['', colours.bold(title), ...own];
	});
	const more =
		'Scores, answers and probabilities of each method: name fewer (--method attention,lime), or add --json or --html.';
	return [...groups, ...renderSilent(explanation, channel), '', ...wrapText(more, columns).map(colours.dim)];
}

/** Returns a line per method; the words are cut where a line would be too long. */
function rowsThatFit(able: readonly MethodExplanation[], explanation: TextExplanation, width: number): string[] {
	const cells = able.map((method): [string, string, string] => [
		method.method,
		wordsOf(explanation, method),
		verdictOf(explanation, method),
	]);
	const widest = (column: 0 | 2): number => Math.max(0, ...cells.map((row) => row[column].length));
	const room = Math.max(12, width - widest(0) - widest(2) - 2 * INDENT);
	return alignColumns(
		cells.map(([id, words, verdict]) => [id, shortened(words, room), verdict]),
		INDENT,
	);
}

function familyOf(method: MethodExplanation | undefined): MethodDeclaration['family'] | null {
	return method === undefined ? null : methods[method.method].declaration.family;
}

function wordsOf({ words }: TextExplanation, { chosen }: MethodExplanation): string {
	return chosen.length === 0
		? 'no words'
		: chosen.map((word) => bareWord(printable(itemAt(words, word).text))).join(', ');
}

function verdictOf({ prediction }: TextExplanation, { masked, flips }: MethodExplanation): string {
	if (masked === null) return '';
	const share = masked.probabilities[masked.label];
	const change = flips === true ? `flips to ${masked.label}` : `stays ${prediction.label}`;
	return printable(share === undefined ? change : `${change} ${formatShare(share)}`);
}

/** Returns the methods that say nothing, once for each reason. */
function renderSilent({ methods: all }: TextExplanation, { colours, columns }: Channel): string[] {
	const reasons = [...new Set(all.flatMap(({ missing }) => missing ?? []))];
	return reasons.flatMap((reason) => {
		const ids = all.filter(({ missing }) => missing === reason).map(({ method }) => method);
		return ['', ...wrapText(`nothing from ${ids.join(', ')}: ${reason}`, columns).map(colours.yellow)];
	});
}
