/** YAML that readers of version 1.2 and 1.1 (PyYAML) read alike. */
import { Document, visit } from 'yaml';

/** Characters that 1.1 breaks lines at, or does not allow to stand for themselves everywhere. */
const awkward =
	/[^\n\u{20}-\u{7e}\u{a1}-\u{2027}\u{202a}-\u{d7ff}\u{e000}-\u{fefe}\u{ff00}-\u{fffd}\u{10000}-\u{10ffff}]/u;
/** Lines of blanks alone, and blanks before a line's end, are lost where a text is written as a block. */
const endsInBlank = /[ \t]\n|[ \t]$/u;
/** Those among them that a text in double quotes holds as they are. */
const unescaped = /[\u{7f}-\u{a0}\u{2028}\u{2029}\u{feff}\u{fffe}\u{ffff}]/gu;
/** Words that are a value of their own in 1.1 and that the library does not quote. */
const words = new Set(['=', '<<']);

/** Returns a value as YAML. Texts that 1.1 would take for something else (`no`, `1:30`, `0o17`) stand in quotes. */
export function yamlText(value: unknown): string {
	const document = new Document(value, { compat: 'yaml-1.1', aliasDuplicateObjects: false });
	visit(document, {
		Scalar: (_, node) => {
			const { value: text } = node;
			if (typeof text === 'string' && (awkward.test(text) || endsInBlank.test(text) || words.has(text)))
				node.type = 'QUOTE_DOUBLE';
		},
	});
	const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
	return document.toString({ lineWidth: 0 }).replaceAll(unescaped, escape);
}
