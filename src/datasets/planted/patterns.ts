/** Sentence patterns with `{slots}`, and the wordings that are kept for the test split. */
import { InternalError } from '../../core/errors.ts';
import { seededRandom, type Random } from '../../core/random.ts';

/** What stands in a slot: one string, or a list to draw from. */
export type Slots = Readonly<Record<string, string | readonly string[]>>;

/** Returns the words of a text that lists them. */
export function words(text: string): readonly string[] {
	return text.split(/\s+/u).filter((word) => word !== '');
}

/** Returns the pattern with every `{slot}` filled. Throws for a slot that has no filling. */
export function fill(pattern: string, slots: Slots, random: Random): string {
	return pattern.replace(/\{(\w+)\}/gu, (_, name: string) => {
		const filling = slots[name];
		if (filling === undefined) throw new InternalError(`pattern "${pattern}": nothing fills {${name}}`);
		return typeof filling === 'string' ? filling : random.pick(filling);
	});
}

/** Returns the text with its first letter in upper case. */
export function sentence(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Returns the words in square brackets: the way a draft marks deciding words. */
export function deciding(...words: readonly string[]): string {
	return words.map((word) => `[${word}]`).join(' ');
}

/** Returns the different words that patterns spell out, in lower case, slots and punctuation left out. */
export function frameWords(patterns: readonly string[]): string[] {
	const words = patterns.flatMap((pattern) =>
		pattern
			.replace(/\{\w+\}/gu, ' ')
			.toLowerCase()
			.split(/[^\p{L}\p{N}]+/u),
	);
	return [...new Set(words)].filter((word) => word !== '').toSorted();
}

/** Returns true for about `share` of all keys, the same keys on every machine. */
export function isHeldOut(share: number, ...key: readonly string[]): boolean {
	return seededRandom('held out', ...key).next() < share;
}

/** Returns true when train never shows this pattern with this label: so for at most one label of a `share` of the patterns. */
export function isLabelHeldOut(share: number, labels: readonly string[], label: string, pattern: string): boolean {
	return isHeldOut(share, 'pattern', pattern) && seededRandom('held out label', pattern).pick(labels) === label;
}
