/**
 * A conversation as one text in pieces, for models whose tokenizer is the server's secret. A piece is a word with the space
 * before it, a character of punctuation, or a turn's head; put together again, pieces give the conversation to send.
 */
import { createHash } from 'node:crypto';
import { InternalError } from '../../core/errors.ts';
import { itemAt, present } from '../../core/present.ts';
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
		content: itemAt(parts, 2 * i + 2),
	}));
	const last = messages.at(-1);
	return last?.role === 'assistant' && last.content === '' ? messages.slice(0, -1) : messages;
}

/** Numbers below this are characters. */
const firstPiece = 0x110000;

/**
 * Pieces by number. A piece's number is a hash of its text, the same in every run, because answers are kept by the
 * numbers of what was asked. An answer's numbers are its characters, so that it can be read without having seen its pieces.
 */
export class Pieces {
	readonly #texts = new Map<number, string>();
	readonly #numbers = new Map<string, number>();

	encode(text: string): EncodedText {
		const matches = [...text.matchAll(piece)];
		return {
			ids: matches.map(([found]) => this.#numberOf(found)),
			spans: matches.map((match) => ({ start: match.index, end: match.index + match[0].length })),
		};
	}

	/** Returns the text of pieces that were encoded here, and of characters. */
	decode(ids: TokenIds): string {
		return ids
			.map((id) => (id < firstPiece ? String.fromCodePoint(id) : (this.#texts.get(id) ?? unknown(id))))
			.join('');
	}

	#numberOf(text: string): number {
		const number = this.#numbers.get(text) ?? hashOf(text);
		if ((this.#texts.get(number) ?? text) !== text)
			throw new InternalError(`two pieces of text share the number ${number}`);
		this.#numbers.set(text, number);
		this.#texts.set(number, text);
		return number;
	}
}

/** Returns the characters of a text as numbers. */
export function characters(text: string): TokenIds {
	return Array.from(text, (character) => present(character.codePointAt(0), 'character'));
}

/** Returns a whole number of 48 bits above all characters. */
function hashOf(text: string): number {
	return firstPiece + Number.parseInt(createHash('sha256').update(text).digest('hex').slice(0, 12), 16);
}

function unknown(id: number): never {
	throw new InternalError(`no piece of text has the number ${id}`);
}
