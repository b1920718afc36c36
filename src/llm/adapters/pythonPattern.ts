/**
 * Regular expressions of Python, as PEFT's configs hold them, on the names of modules. They are matched by an automaton
 * (RE2) in time that grows with the length of the name, whatever the expression: downloaded files bring them.
 */
import { RE2JS } from 're2js';
import { messageOf, UserError } from '../../core/errors.ts';

/** An expression that was read. */
export interface NamePattern {
	/** Tells whether a whole name fits: `re.fullmatch`. */
	readonly fits: (name: string) => boolean;
	/** Returns what a named group is where a name begins with what fits, `re.match`; null where none does. */
	readonly groupOf: (name: string, group: string) => string | null;
}

const longestPattern = 10_000;
/** What Python has and an automaton has not: look-around, references to groups, conditions, possessive repeats. */
const beyondAutomata = /\(\?(?:[=!>(]|<[=!]|P=)|\\[1-9]|[*+?}]\+/u;

/**
 * Returns an expression, null for one that an automaton cannot decide. Throws `UserError` for a text that is
 * no regular expression, and for one of more than 10,000 characters; `where` names the file and the key.
 */
export function pythonPattern(pattern: string, where: string): NamePattern | null {
	if (pattern.length > longestPattern) {
		throw new UserError(
			`${where}: a regular expression of ${pattern.length} characters; at most ${longestPattern} are read.`,
		);
	}
	try {
		const compiled = RE2JS.compile(asRe2(pattern));
		return {
			fits: (name) => compiled.matcher(name).matches(),
			groupOf: (name, group) => {
				const matcher = compiled.matcher(name);
				return matcher.lookingAt() ? matcher.group(group) : null;
			},
		};
	} catch (error) {
		if (beyondAutomata.test(pattern)) return null;
		const reason = messageOf(error).replace(/^error parsing regexp: /u, '');
		throw new UserError(
			`${where}: ${JSON.stringify(pattern.slice(0, 200))} cannot be read as a regular expression of Python (${reason}).`,
		);
	}
}

/** Spells what both have as RE2 does: the end of a text, comments, and repeats without a least number. */
function asRe2(pattern: string): string {
	return pattern
		.replaceAll(/\\([^])/gu, (escape, character: string) => (character === 'Z' ? String.raw`\z` : escape))
		.replaceAll(/\(\?#[^)]*\)/gu, '')
		.replaceAll(/(?<!\\)\{,(\d+)\}/gu, '{0,$1}');
}
