/** A string of JSON, or a number that Python writes and JSON does not know. */
const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/gu;

/** Stands for NaN until the text is parsed: no file holds this by chance. */
const notANumber = '\u{f8ff}NaN\u{f8ff}';

/** Numbers beyond the largest one are read as infinite. */
const numbers: Readonly<Record<string, string>> = {
	Infinity: '1e999',
	'-Infinity': '-1e999',
	NaN: JSON.stringify(notANumber),
};

/**
 * Returns the value of a JSON text in which `NaN`, `Infinity` and `-Infinity` are numbers, as Python's `json` writes
 * and reads them. Throws the `SyntaxError` of `JSON.parse`.
 */
export function parsePythonJson(text: string): unknown {
	if (!/Infinity|NaN/u.test(text)) return JSON.parse(text);
	const standard = text.replaceAll(stringOrNumber, (found) => numbers[found] ?? found);
	return JSON.parse(standard, (_, value: unknown) => (value === notANumber ? Number.NaN : value));
}
