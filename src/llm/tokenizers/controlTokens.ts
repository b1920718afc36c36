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

/** Contents that no template contains. */
const spoken = { system: 'qzsystemzq', user: 'qzuserzq', assistant: 'qzassistantzq' } as const;

/** Returns the special tokens; of other added tokens, and of plain text, what the template writes. White space is none. */
export function controlTokensOf(added: readonly AddedToken[], template: ChatTemplate): string[] {
	const around = aroundTurns(template);
	const isSpelled = (content: string): boolean => template.source.includes(content) || around.includes(content);
	const tokens = added.filter(({ content, special }) => !isBlank(content) && (special || isSpelled(content)));
	const plain = template.kind === 'model' ? around.match(marks) : null;
	return [...new Set([...tokens.map(({ content }) => content), ...(plain ?? [])])];
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
