/** Turns a conversation into the one text that a model was trained to continue. */
import { Environment, Interpreter, Template } from '@huggingface/jinja';
import { messageOf, UserError } from '../../core/errors.ts';
import type { ChatMessage } from '../languageModel.ts';

export interface RenderOptions {
	/** True to end with the header of the assistant's turn. */
	readonly addGenerationPrompt: boolean;
}

export interface ChatTemplate {
	/** `model`: the model's own template; `plain`: ours, for a model that has none. */
	readonly kind: 'model' | 'plain';
	/** The template's text: part of what decides a model's numbers. */
	readonly source: string;
	/** Returns the conversation as text, special tokens spelled out. Throws `UserError` when the template refuses it. */
	render(messages: readonly ChatMessage[], options: RenderOptions): string;
}

export interface ChatTemplateOptions {
	/** Where the template came from, for error messages. */
	readonly file: string;
	/** Special tokens by the names that templates use: `{ bos_token: '<s>' }`. */
	readonly specialTokens: Readonly<Record<string, string>>;
}

type Rendering = { readonly text: string } | { readonly problem: string };

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

/**
 * Returns a model's own template (Jinja, with the names that transformers defines). A conversation whose system turn the
 * template refuses or leaves out is rendered with that turn's content before the first user turn's.
 * Throws `UserError` when the template cannot be parsed.
 */
export function createChatTemplate(source: string, { file, specialTokens }: ChatTemplateOptions): ChatTemplate {
	const template = parseTemplate(source, file);
	const attempt = (messages: readonly ChatMessage[], options: RenderOptions): Rendering => {
		try {
			return checked(messages, runTemplate(template, { ...specialTokens, ...templateNames(messages, options) }));
		} catch (error) {
			return { problem: messageOf(error) };
		}
	};
	return {
		kind: 'model',
		source,
		render(messages, options) {
			const rendering = attempt(messages, options);
			if ('text' in rendering) return rendering.text;
			const folded = attempt(withSystemFolded(messages), options);
			if ('text' in folded) return folded.text;
			const roles = messages.map(({ role }) => role).join(', ');
			throw new UserError(
				`${file}: the chat template refuses a conversation of the turns ${roles}: ${rendering.problem}.`,
			);
		},
	};
}

const plainSource = 'contents separated by blank lines; "Answer:" before an answer';

/**
 * Returns the template for a model that has none: `startText`, then the contents of system and user turns separated by blank
 * lines; an assistant's turn is `Answer: ` and its content, the header that asks for one is `Answer:`.
 */
export function createPlainTemplate(startText: string): ChatTemplate {
	return {
		kind: 'plain',
		source: plainSource,
		render(messages, { addGenerationPrompt }) {
			const turns = messages.map(({ role, content }) => (role === 'assistant' ? `Answer: ${content}` : content));
			return startText + [...turns, ...(addGenerationPrompt ? ['Answer:'] : [])].join('\n\n');
		},
	};
}

function parseTemplate(source: string, file: string): Template {
	try {
		return new Template(source);
	} catch (error) {
		throw new UserError(`${file}: the chat template cannot be parsed: ${messageOf(error)}.`);
	}
}

/** `Template.render` would let templates see the clock and the locale of the machine, so the names are declared here. */
function runTemplate(template: Template, names: Readonly<Record<string, unknown>>): string {
	const environment = new Environment();
	for (const [name, value] of Object.entries(names)) environment.set(name, value);
	return String(new Interpreter(environment).run(template.parsed).value);
}

/** Returns what a template may refer to: the constants of Jinja and the names of `apply_chat_template` in transformers. */
function templateNames(
	messages: readonly ChatMessage[],
	{ addGenerationPrompt }: RenderOptions,
): Record<string, unknown> {
	return {
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
		messages,
		tools: null,
		documents: null,
		add_generation_prompt: addGenerationPrompt,
	};
}

/** Python's `range`. */
function range(first: number, second?: number, step = 1): number[] {
	const [start, stop] = second === undefined ? [0, first] : [first, second];
	return Array.from({ length: Math.max(0, Math.ceil((stop - start) / step)) }, (_, index) => start + index * step);
}

/** Returns the rendering, or a problem when it lost the content of a system or user turn. */
function checked(messages: readonly ChatMessage[], text: string): Rendering {
	const lost = messages.find(({ role, content }) => role !== 'assistant' && !text.includes(content.trim()));
	return lost === undefined ? { text } : { problem: `it leaves out, or alters, the content of the ${lost.role} turn` };
}

/** Returns the messages with a leading system turn moved to the start of the first user turn. */
function withSystemFolded(messages: readonly ChatMessage[]): readonly ChatMessage[] {
	const [system, user, ...rest] = messages;
	if (system?.role !== 'system' || user?.role !== 'user') return messages;
	return [{ role: 'user', content: `${system.content}\n\n${user.content}` }, ...rest];
}

function pinnedDate(format: string): string {
	return format.replace(/%[^]/g, (part) => {
		const value = dateParts[part];
		if (value === undefined) throw new Error(`strftime_now knows ${Object.keys(dateParts).join(' ')}, not ${part}`);
		return value;
	});
}
