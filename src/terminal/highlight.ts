/** One text in the terminal with its words marked. */
import { itemAt } from '../core/present.ts';
import { type Marking, scoreLevels } from '../report/marking.ts';
import type { Colours } from './colours.ts';

/**
 * Returns the words, marked, with a space between them. In colour: chosen words bold and underlined, scores as shades of
 * yellow (for) and blue (against). Without colour: chosen words in brackets; where none are chosen, `[word]` and
 * `[[word]]` for high scores, `{word}` and `{{word}}` for strong evidence against.
 */
export function renderHighlighted(
	words: readonly string[],
	marking: Marking,
	{ colours }: { colours: Colours },
): string {
	const levels = marking.scores === null ? null : scoreLevels(marking.scores);
	const chosen = new Set(marking.chosen);
	const mark = (word: string, number: number): string => {
		const level = levels === null ? 0 : itemAt(levels, number);
		if (colours.isColorSupported) return paint(word, level, chosen.has(number), colours);
		return chosen.size > 0 ? bracket(word, chosen.has(number) ? 2 : 0) : bracket(word, level);
	};
	return words.map(mark).join(' ');
}

function paint(word: string, level: number, chosen: boolean, colours: Colours): string {
	const shaded = shade(word, level, colours);
	return chosen ? colours.bold(colours.underline(shaded)) : shaded;
}

function shade(word: string, level: number, { yellow, blue, black, white, bgYellow, bgBlue }: Colours): string {
	if (level === 3) return bgYellow(black(word));
	if (level === -3) return bgBlue(white(word));
	if (level === 0) return word;
	return level > 0 ? yellow(word) : blue(word);
}

function bracket(word: string, level: number): string {
	const depth = Math.max(0, Math.abs(level) - 1);
	const [open, close] = level > 0 ? (['[', ']'] as const) : (['{', '}'] as const);
	return open.repeat(depth) + word + close.repeat(depth);
}
