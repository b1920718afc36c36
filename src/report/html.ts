/** Markup as values: only what came through `html` is inserted unescaped. */
import { itemAt, present } from '../core/present.ts';
import { obeyedCharacters, unicodeEscape } from '../core/printable.ts';

/** Markup that is safe to insert. */
export class Html {
	readonly markup: string;
	constructor(markup: string) {
		this.markup = markup;
	}
}

/** What can stand in a template; null and false leave nothing. */
export type Fragment = Html | string | number | null | false | readonly Fragment[];

const entities: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

/** What is no part of a visible text, but for tabs and line ends, which a page reads as space. */
const unseen = new RegExp(String.raw`(?![\t\n\r])[${obeyedCharacters}]`, 'gu');

/**
 * Returns the text with all characters escaped that mean something in markup or in a quoted attribute. Controls and marks that
 * turn the direction of text are shown as in a terminal, `\u001b`.
 */
export function escapeHtml(text: string): string {
	return text
		.replace(/[&<>"']/g, (character) => present(entities[character], `entity for ${character}`))
		.replaceAll(unseen, unicodeEscape);
}

/** Returns the template as markup, with every inserted text escaped. Indentation of the template itself is dropped. */
export function html(strings: TemplateStringsArray, ...values: readonly Fragment[]): Html {
	const literal = (index: number): string => itemAt(strings, index).replace(/\n\s*/g, '\n');
	return new Html(values.reduce<string>((text, value, i) => text + markupOf(value) + literal(i + 1), literal(0)));
}

function markupOf(value: Fragment): string {
	if (value instanceof Html) return value.markup;
	if (value === null || value === false) return '';
	if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
	return value.map(markupOf).join('');
}
