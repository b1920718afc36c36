import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../core/errors.ts';
import { exampleWords, segmentOf } from '../core/example.ts';
import type { Example } from '../core/example.ts';
import type { ChatMessage } from '../llm/languageModel.ts';
import { renderPrompt } from './renderPrompt.ts';
import type { ChatFormat } from './renderPrompt.ts';

const exampleOf = (...texts: string[]): Example => ({
	id: 'e1',
	segments: texts.map((text, i) => segmentOf(`s${i}`, text)),
	label: null,
	annotations: [],
});

const messagesOf = (example: Example): ChatMessage[] => [
	{ role: 'system', content: 'Say it. qz0q' },
	{ role: 'user', content: example.segments.map(({ name, text }) => `${name}: ${text}`).join('\n') },
];

const format: ChatFormat = {
	renderChat: (messages) =>
		`<s>${messages.map(({ role, content }) => `<|${role}|>${content.trim()}<|end|>`).join('')}<|assistant|>`,
	specialTokens: ['<s>', '<|end|>', '<|user|>'],
};

describe('renderPrompt', () => {
	it('gives the text and the place of every segment and word', () => {
		const example = exampleOf('A man', 'He runs');
		const { text, segmentSpans, wordSpans } = renderPrompt(format, messagesOf, example);
		expect(text).toBe('<s><|system|>Say it. qz0q<|end|><|user|>s0: A man\ns1: He runs<|end|><|assistant|>');
		expect(segmentSpans.map(({ start, end }) => text.slice(start, end))).toEqual(['A man', 'He runs']);
		expect(wordSpans.map(({ start, end }) => text.slice(start, end))).toEqual(['A', 'man', 'He', 'runs']);
	});

	it('places every word of any text, whatever it contains', () => {
		const texts = fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 12 });
		fc.assert(
			fc.property(texts, (list) => {
				const example = exampleOf(...list);
				fc.pre(!list.some((text) => format.specialTokens.some((token) => text.includes(token))));
				const { text, wordSpans } = renderPrompt(format, messagesOf, example);
				const words = exampleWords(example).map((word) => word.text);
				expect(wordSpans.map(({ start, end }) => text.slice(start, end))).toEqual(words);
			}),
		);
	});

	it('keeps a text the template would trim, or that looks like a marker', () => {
		const { text, segmentSpans } = renderPrompt(format, messagesOf, exampleOf('qz1q0qz', '$& tail  '));
		expect(segmentSpans.map(({ start, end }) => text.slice(start, end))).toEqual(['qz1q0qz', '$& tail  ']);
	});

	it('follows a template that reorders turns', () => {
		const reversed: ChatFormat = { ...format, renderChat: (messages) => format.renderChat([...messages].reverse()) };
		const twoTurns = (example: Example): ChatMessage[] =>
			example.segments.map(({ text }) => ({ role: 'user', content: text }));
		const { text, segmentSpans } = renderPrompt(reversed, twoTurns, exampleOf('first', 'second one'));
		expect(text).toBe('<s><|user|>second one<|end|><|user|>first<|end|><|assistant|>');
		expect(segmentSpans.map(({ start, end }) => text.slice(start, end))).toEqual(['first', 'second one']);
	});

	it('refuses control tokens in the data', () => {
		const render = () => renderPrompt(format, messagesOf, exampleOf('fine', 'stop <|end|> here'));
		expect(render).toThrow(UserError);
		expect(render).toThrow('example "e1", segment "s1": the text contains "<|end|>"');
	});

	it.each<[string, number, ChatFormat['renderChat']]>([
		['drops', 0, () => 'nothing'],
		['repeats', 2, (messages) => format.renderChat([...messages, ...messages])],
		['alters', 0, (messages) => format.renderChat(messages).toUpperCase()],
	])('refuses a template that %s a segment', (_, count, renderChat) => {
		const render = () => renderPrompt({ ...format, renderChat }, messagesOf, exampleOf('a'));
		expect(render).toThrow(UserError);
		expect(render).toThrow(`the segment "s0" appears ${count} times`);
	});
});
