/** Jinja templates with the constants of Jinja and the functions that transformers defines for chat templates. */
import { messageOf, UserError } from '../../core/errors.ts';
import { runTemplate, TemplateLimitError, templateLimits } from './templateInterpreter.ts';
import { NestedScope, parsedTemplate, type TemplateNode } from './templateNode.ts';

/** The day that templates are told, Friday 26 July 2024 (Llama 3.1's own default): prompts must not change over night. */
const dateParts: Readonly<Record<string, string>> = {
	'%Y': '2024',
	'%y': '24',
	'%m': '07',
	'%d': '26',
	'%b': 'Jul',
	'%B': 'July',
	'%a': 'Fri',
	'%A': 'Friday',
	'%H': '00',
	'%M': '00',
	'%S': '00',
	'%%': '%',
};

/** Longest template, and longest stretch of white space in it; published ones take up to 30,000 characters. */
const longestSource = 200_000;
const longestBlank = 1000;

/** Returns a parsed template. Throws `UserError` where it cannot be parsed. */
export function parseTemplate(source: string, file: string): TemplateNode {
	// The library's lexer takes the square of the longest stretch of white space.
	if (source.length > longestSource || new RegExp(`\\s{${longestBlank}}`, 'u').test(source)) {
		throw new UserError(
			`${file}: the chat template has ${source.length} characters; at most ${longestSource} are read, and at most ` +
				`${longestBlank} of white space in a row. Is it a template?`,
		);
	}
	try {
		return parsedTemplate(withLineFeeds(source));
	} catch (error) {
		throw new UserError(`${file}: the chat template cannot be parsed: ${messageOf(error)}.`);
	}
}

/** Jinja reads all line ends as line feeds, before anything else. */
function withLineFeeds(source: string): string {
	return source.replaceAll(/\r\n?/gu, '\n');
}

/**
 * Returns what a template writes that knows these names. Throws an `Error` with what it raises. The library's own rendering
 * would let templates see the clock and the locale of the machine.
 */
export function renderTemplate(template: TemplateNode, names: Readonly<Record<string, unknown>>): string {
	const scope = new NestedScope();
	for (const [name, value] of Object.entries({ ...builtins, ...names })) scope.set(name, value);
	return runTemplate(template, scope);
}

/** What every template may refer to. */
const builtins: Readonly<Record<string, unknown>> = {
	true: true,
	True: true,
	false: false,
	False: false,
	none: null,
	None: null,
	range,
	raise_exception: (message: string) => {
		throw new Error(message);
	},
	strftime_now: pinnedDate,
};

/** Python's `range`, as long as a list of a template may be. */
function range(first: number, second?: number, step = 1): number[] {
	const [start, stop] = second === undefined ? [0, first] : [first, second];
	const length = Math.max(0, Math.ceil((stop - start) / step));
	if (!(length <= templateLimits.members))
		throw new TemplateLimitError(`range makes a list of more than ${templateLimits.members} members`);
	return Array.from({ length }, (_, index) => start + index * step);
}

function pinnedDate(format: string): string {
	return format.replace(/%[^]/g, (part) => {
		const value = dateParts[part];
		if (value === undefined) throw new Error(`strftime_now knows ${Object.keys(dateParts).join(' ')}, not ${part}`);
		return value;
	});
}
