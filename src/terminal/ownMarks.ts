/**
 * Our own colours among texts that are not ours. A colour that we ask for carries a number which nobody outside this
 * process can know; when text is written, marks with that number become colours, and every other control character is
 * shown instead of obeyed. Names of models, labels, answers and files can therefore do nothing to a terminal.
 */
import { randomInt } from 'node:crypto';
import picocolors from 'picocolors';
import { itemAt } from '../core/present.ts';
import { obeyedCharacters, unicodeEscape } from '../core/printable.ts';
import type { Colours } from './colours.ts';

export interface OwnMarks {
	/** Functions that mark text with colours, or leave it as it is. */
	colours(enabled: boolean): Colours;
	/** Returns marked text as a terminal may read it. */
	shown(text: string): string;
}

/** Returns marks with a number of their own. */
export function ownMarks(): OwnMarks {
	// Two parameters of four digits: what measures the width of a line knows them as part of a colour.
	const number = `${randomInt(1000, 10_000)};${randomInt(1000, 10_000)}`;
	const pattern = new RegExp(String.raw`\u001B\[${number};(\d+)m|[${obeyedCharacters}]`, 'gu');
	const marked = (sequence: string): string => sequence.replaceAll('\u001B[', `\u001B[${number};`);
	const formatter = (colour: (text: string) => string): ((text: string) => string) => {
		const ends = colour('|').split('|').map(marked);
		const [open, close] = [itemAt(ends, 0), itemAt(ends, 1)];
		if (open === '') return (text) => text;
		// A colour inside this one ends with it where both have the same end, as bold and dim do.
		return (text) => open + text.replaceAll(close, close + open) + close;
	};
	return {
		colours: (enabled) => {
			const { isColorSupported, ...all } = picocolors.createColors(enabled);
			const { bold, dim, underline, red, green, yellow, blue, black, bgYellow, bgBlue, white } = all;
			const used = { bold, dim, underline, red, green, yellow, blue, black, bgYellow, bgBlue, white };
			const formatters = Object.entries(used).map(([name, colour]) => [name, formatter(colour)]);
			return { isColorSupported, ...(Object.fromEntries(formatters) as Record<keyof typeof used, Colours['bold']>) };
		},
		shown: (text) =>
			text.replaceAll(pattern, (character, code?: string) => {
				if (code !== undefined) return `\u001B[${code}m`;
				// Layout, where we write them.
				return character === '\n' || character === '\t' ? character : unicodeEscape(character);
			}),
	};
}
