/**
 * A conversation as one text in pieces, for models whose tokenizer is the server's secret. A piece is a word with the space
 * before it, a character of punctuation, or a turn's head; put together again, pieces give the conversation to send.
 */
import { InternalError } from '../../core/errors.ts';
import type { ChatMessage, EncodedText, TokenIds } from '../languageModel.ts';

const roles = ['system', 'user', 'assistant'] as const;
const headOf = (role: ChatMessage['role']): string => `<|rationale:${role}|>`;

/** The texts that begin turns: a text to explain must not hold them. */
export const turnHeads: readonly string[] = roles.map(headOf);

const piece = /<\|rationale:(?:system|user|assistant)\|>| ?[\p{L}\p{M}\p{N}_]+|[^]/gu;

/** Returns the conversation as text, with the head of the assistant's turn at the end unless the last turn is the assistant's. */
export function renderTurns(messages: readonly ChatMessage[]): string {
	const text = messages.map(({ role, content }) => headOf(role) + content).join('');
	return messages.at(-1)?.role === 'assistant' ? text : text + headOf('assistant');
}

/** Returns the conversation of a text; an assistant's turn without content at its end is left out. */
export function turnsOf(text: string): ChatMessage[] {
	const parts = text.split(/<\|rationale:(system|user|assistant)\|>/u);
	if (parts[0] !== '' || parts.length < 3) throw new InternalError('a prompt for an API has no turns');
	const messages = Array.from({ length: (parts.length - 1) / 2 }, (_, i) => ({
		role: parts[2 * i + 1] as ChatMessage['role'],
		content: parts[2 * i + 2] ?? '',
	}));
	const last = messages.at(-1);
	return last?.role === 'assistant' && last.content === '' ? messages.slice(0, -1) : messages;
}

/** Pieces by number, in the order in which they are first seen. */
export class Pieces {
	readonly #texts: string[] = [];
	readonly #numbers = new Map<string, number>();

	encode(text: string): EncodedText {
		const matches = [...text.matchAll(piece)];
		return {
			ids: matches.map(([found]) => this.#numberOf(found)),
			spans: matches.map((match) => ({ start: match.index, end: match.index + match[0].length })),
		};
	}

	decode(ids: TokenIds): string {
		return ids.map((id) => this.#texts[id] ?? '').join('');
	}

	#numberOf(text: string): number {
		const number = this.#numbers.get(text) ?? this.#texts.push(text) - 1;
		this.#numbers.set(text, number);
		return number;
	}
}
