/** Answers in the forms of the OpenAI API: chat and completions, whole and in pieces. */
import type { Piece, TextAnswer, TextToken } from './complete.ts';

/** What every object of one answer carries. */
export interface AnswerHead {
	readonly id: string;
	/** Seconds since 1970. */
	readonly created: number;
	readonly model: string;
	/** What decides the model's numbers. */
	readonly system_fingerprint: string;
}

/** How one of the two endpoints writes answers. */
export interface AnswerForm {
	whole(head: AnswerHead, answer: TextAnswer, withLogprobs: boolean): object;
	/** A chunk of a stream; `finish` in the last one with a choice. */
	chunk(head: AnswerHead, piece: Piece, finish: string | null, withLogprobs: boolean, isFirst: boolean): object;
	/** The chunk without a choice that ends a stream where usage was asked for. */
	usageChunk(head: AnswerHead, answer: TextAnswer): object;
}

export const chatForm: AnswerForm = {
	whole: (head, answer, withLogprobs) => ({
		...head,
		object: 'chat.completion',
		choices: [
			{
				index: 0,
				message: { role: 'assistant', content: answer.text, refusal: null },
				logprobs: withLogprobs ? chatLogprobs(answer.tokens) : null,
				finish_reason: answer.finish,
			},
		],
		usage: usageOf(answer),
	}),
	chunk: (head, piece, finish, withLogprobs, isFirst) => ({
		...head,
		object: 'chat.completion.chunk',
		choices: [
			{
				index: 0,
				delta: { ...(isFirst ? { role: 'assistant' } : {}), ...(finish === null ? { content: piece.text } : {}) },
				logprobs: withLogprobs && finish === null ? chatLogprobs(piece.tokens) : null,
				finish_reason: finish,
			},
		],
	}),
	usageChunk: (head, answer) => ({ ...head, object: 'chat.completion.chunk', choices: [], usage: usageOf(answer) }),
};

export const completionForm: AnswerForm = {
	whole: (head, answer, withLogprobs) => ({
		...head,
		object: 'text_completion',
		choices: [completionChoice(answer, answer.finish, withLogprobs)],
		usage: usageOf(answer),
	}),
	chunk: (head, piece, finish, withLogprobs) => ({
		...head,
		object: 'text_completion',
		choices: [completionChoice(piece, finish, withLogprobs)],
	}),
	usageChunk: (head, answer) => ({ ...head, object: 'text_completion', choices: [], usage: usageOf(answer) }),
};

function completionChoice({ text, tokens }: Piece, finish: string | null, withLogprobs: boolean): object {
	return { index: 0, text, logprobs: withLogprobs ? completionLogprobs(tokens) : null, finish_reason: finish };
}

function chatLogprobs(tokens: readonly TextToken[]): object {
	const scored = ({ text, logProbability, bytes }: Omit<TextToken, 'alternatives'>): object => ({
		token: text,
		logprob: logProbability,
		bytes,
	});
	const content = tokens.map(({ alternatives, ...token }) => ({
		...scored(token),
		top_logprobs: alternatives.map(scored),
	}));
	return { content, refusal: null };
}

function completionLogprobs(tokens: readonly TextToken[]): object {
	let offset = 0;
	return {
		tokens: tokens.map(({ text }) => text),
		token_logprobs: tokens.map(({ logProbability }) => logProbability),
		top_logprobs: tokens.map(({ alternatives }) =>
			Object.fromEntries(alternatives.map(({ text, logProbability }) => [text, logProbability])),
		),
		text_offset: tokens.map(({ text }) => (offset += text.length) - text.length),
	};
}

function usageOf({ promptTokens, newTokens }: TextAnswer): object {
	return { prompt_tokens: promptTokens, completion_tokens: newTokens, total_tokens: promptTokens + newTokens };
}
