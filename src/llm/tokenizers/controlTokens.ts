/** Which strings a model reads as control: the ends of turns, the starts of thoughts, what stands around roles. */
import { isBlank } from '../../core/whiteSpace.ts';
import type { ChatMessage } from '../languageModel.ts';
import type { ChatTemplate } from './chatTemplate.ts';

/** A token that the tokenizer finds in the text before anything else. */
export interface AddedToken {
	readonly content: string;
	/** Left out when answers are decoded. */
	readonly special: boolean;
}

/** What a template writes around turns where it is no token: `[INST]`, `<<SYS>>`, `</s>`, `<|user|>`. */
const marks = /<<?\/?[^\s<>]+>>?|\[\/?[A-Z][A-Z_]*\]/gu;

/** A token that stands for what no person writes, by its form: `<|fim_prefix|>`, `<｜User｜>`, `<unused0>`, `</tool>`, `[@BOS@]`, `[AVAILABLE_TOOLS]`. */
const markForm = /^(?:<[|｜].+[|｜]>|<\/?([\w.:-]+)\/?>|\[@.+@\]|\[\/?[A-Z][A-Z_]*\])$/u;

/** Elements of HTML: Gemma has a token for each of the common ones, and reads them as the text that they are. */
const htmlElements: ReadonlySet<string> = new Set(
	(
		'a abbr address article aside b big blockquote body br button caption center cite code col colgroup dd del details ' +
		'dfn div dl dt em figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd ' +
		'label li link main mark meta nav ol option p pre q s samp script section select small span strike strong style sub ' +
		'summary sup table tbody td textarea tfoot th thead time title tr tt u ul var video'
	).split(' '),
);

/** Contents that no template contains. */
const spoken = { system: 'qzsystemzq', user: 'qzuserzq', assistant: 'qzassistantzq' } as const;

/**
 * Returns the special tokens; of other added tokens those that the template writes and those that have the form of a mark
 * (`<|fim_prefix|>`), elements of HTML left out; of plain text what the template writes. The tokenizer finds an added token in
 * any text, special or not. White space is none.
 */
export function controlTokensOf(added: readonly AddedToken[], template: ChatTemplate): string[] {
	const around = aroundTurns(template);
	const isSpelled = (content: string): boolean =>
		isNoPlainWord(content) && (template.source.includes(content) || around.includes(content));
	const isControl = ({ content, special }: AddedToken): boolean =>
		!isBlank(content) && (special || isMark(content) || isSpelled(content));
	const tokens = added.filter(isControl);
	const plain = template.kind === 'model' ? around.match(marks) : null;
	return [...new Set([...tokens.map(({ content }) => content), ...(plain ?? [])])];
}

/** A role's name, or the points of a sentence in the template, are text wherever they stand. */
function isNoPlainWord(content: string): boolean {
	return /\p{L}/u.test(content) && /[^\p{L}\p{N}\s]/u.test(content);
}

function isMark(content: string): boolean {
	const [mark, element] = markForm.exec(content) ?? [];
	return mark !== undefined && !(element !== undefined && htmlElements.has(element.toLowerCase()));
}

/** Returns what the template writes of a conversation besides the contents; shorter conversations where it refuses the longer ones. */
function aroundTurns(template: ChatTemplate): string {
	const turns = (...roles: ChatMessage['role'][]): ChatMessage[] =>
		roles.map((role) => ({ role, content: spoken[role] }));
	for (const messages of [turns('system', 'user', 'assistant', 'user'), turns('system', 'user'), turns('user')]) {
		try {
			const text = template.render(messages, { addGenerationPrompt: true });
			return Object.values(spoken).reduce((rest, content) => rest.replaceAll(content, ' '), text);
		} catch {
			// A template may refuse any of them; what it writes is then found in its source alone.
		}
	}
	return '';
}
