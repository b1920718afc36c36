/** Turns a conversation into the one text that a model was trained to continue. */
import { messageOf, UserError } from '../../core/errors.ts';
import { lastOf } from '../../core/present.ts';
import { trim } from '../../core/whiteSpace.ts';
import type { TemplateVariables } from '../../core/task.ts';
import type { ChatMessage } from '../languageModel.ts';
import { freeNames } from './templateNames.ts';
import { parseTemplate, renderTemplate } from './jinjaTemplate.ts';
import { TemplateLimitError } from './templateInterpreter.ts';

export interface RenderOptions {
	/** True to end with the header of the assistant's turn. */
	readonly addGenerationPrompt: boolean;
	/** What else the template is told; names that it does not read change nothing. */
	readonly variables?: TemplateVariables;
}

export interface ChatTemplate {
	/** `model`: the model's own template; `plain`: ours, for a model that has none. */
	readonly kind: 'model' | 'plain';
	/** The template's text: part of what decides a model's numbers. */
	readonly source: string;
	/** Names that it reads and may be told, sorted: `enable_thinking`. */
	readonly names: readonly string[];
	/** Returns the conversation as text, special tokens spelled out. Throws `UserError` when the template refuses it. */
	render(messages: readonly ChatMessage[], options: RenderOptions): string;
}

export interface ChatTemplateOptions {
	/** Where the template came from, for error messages. */
	readonly file: string;
	/** Special tokens by the names that templates use: `{ bos_token: '<s>' }`. */
	readonly specialTokens: Readonly<Record<string, string>>;
}

type Rendering = { readonly text: string } | { readonly problem: string; readonly isFinal?: true };

/**
 * Returns a model's own template (Jinja, with the names that transformers defines). A conversation whose system turn the
 * template refuses or leaves out is rendered with that turn's content before the first user turn's; one of which any other
 * turn is left out is refused. Throws `UserError` when the template cannot be parsed.
 */
export function createChatTemplate(source: string, { file, specialTokens }: ChatTemplateOptions): ChatTemplate {
	const template = parseTemplate(source, file);
	const attempt = (messages: readonly ChatMessage[], options: RenderOptions): Rendering => {
		try {
			const own = { ...specialTokens, ...options.variables };
			const names = { messages, tools: null, documents: null, add_generation_prompt: options.addGenerationPrompt };
			return checked(messages, renderTemplate(template, { ...own, ...names }));
		} catch (error) {
			return { problem: messageOf(error), ...(error instanceof TemplateLimitError && { isFinal: true }) };
		}
	};
	return {
		kind: 'model',
		source,
		names: freeNames(template).filter((name) => !Object.hasOwn(specialTokens, name) && !givenNames.has(name)),
		render(messages, options) {
			const rendering = attempt(messages, options);
			if ('text' in rendering) return rendering.text;
			const folded = withSystemFolded(messages);
			const second = folded === messages || rendering.isFinal === true ? rendering : attempt(folded, options);
			if ('text' in second) return second.text;
			const roles = messages.map(({ role }) => role).join(', ');
			throw new UserError(
				`${file}: the chat template refuses a conversation of the turns ${roles}: ${rendering.problem}.`,
			);
		},
	};
}

/** What every template is told of a conversation, or finds as a function. */
const givenNames = new Set([
	'messages',
	'add_generation_prompt',
	'tools',
	'documents',
	'range',
	'namespace',
	'raise_exception',
	'strftime_now',
	'loop',
	'caller',
	'varargs',
	'kwargs',
	'true',
	'True',
	'false',
	'False',
	'none',
	'None',
]);

const plainSource = 'contents separated by blank lines; "Answer:" before an answer';

/**
 * Returns the template for a model that has none: `startText`, then the contents of system and user turns separated by blank
 * lines; an assistant's turn is `Answer: ` and its content, the header that asks for one is `Answer:`.
 */
export function createPlainTemplate(startText: string): ChatTemplate {
	return {
		kind: 'plain',
		source: plainSource,
		names: [],
		render(messages, { addGenerationPrompt }) {
			const turns = messages.map(({ role, content }) => (role === 'assistant' ? `Answer: ${content}` : content));
			return startText + [...turns, ...(addGenerationPrompt ? ['Answer:'] : [])].join('\n\n');
		},
	};
}

/** Returns the rendering, or a problem when it lost the content of a turn. Users and assistants must speak in their order. */
function checked(messages: readonly ChatMessage[], text: string): Rendering {
	let from = 0;
	for (const { role, content } of messages) {
		const kept = trim(role === 'assistant' ? withoutThought(content) : content);
		const at = text.indexOf(kept, role === 'system' ? 0 : from);
		if (at < 0) return { problem: `it leaves out, or alters, the content of the ${role} turn` };
		if (role !== 'system') from = at + kept.length;
	}
	return { text };
}

/** Templates of reasoning models leave out what an assistant thought before it answered. */
function withoutThought(content: string): string {
	return lastOf(content.split('</think>'));
}

/** Returns the messages with a leading system turn moved to the start of the first user turn. */
function withSystemFolded(messages: readonly ChatMessage[]): readonly ChatMessage[] {
	const [system, user, ...rest] = messages;
	if (system?.role !== 'system' || user?.role !== 'user') return messages;
	return [{ role: 'user', content: `${system.content}\n\n${user.content}` }, ...rest];
}
