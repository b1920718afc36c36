import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../core/errors.ts';
import { exampleWords, segmentOf } from '../core/example.ts';
import { trim, trimEnd, trimStart } from '../core/whiteSpace.ts';
import type { Example } from '../core/example.ts';
import type { ChatMessage } from '../llm/languageModel.ts';
import { answeringFormat, begunAnswer, renderPrompt } from './renderPrompt.ts';
import { createChatTemplate, createPlainTemplate } from '../llm/tokenizers/chatTemplate.ts';
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
		`<s>${messages.map(({ role, content }) => `<|${role}|>${trim(content)}<|end|>`).join('')}<|assistant|>`,
	controlTokens: ['<s>', '<|end|>', '<|user|>'],
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
				fc.pre(!list.some((text) => format.controlTokens.some((token) => text.includes(token))));
				const { text, wordSpans } = renderPrompt(format, messagesOf, example);
				const words = exampleWords(example).map((word) => word.text);
				expect(wordSpans.map(({ start, end }) => text.slice(start, end))).toEqual(words);
			}),
		);
	});

	it('keeps a text that looks like a marker', () => {
		const { text, segmentSpans } = renderPrompt(format, messagesOf, exampleOf('qz1q0qz', '$& tail'));
		expect(segmentSpans.map(({ start, end }) => text.slice(start, end))).toEqual(['qz1q0qz', '$& tail']);
	});

	it('writes what the template writes, which trims turns, and leaves out the blanks that are gone', () => {
		const { text, segmentSpans } = renderPrompt(format, messagesOf, exampleOf(' a  b \n', ' tail \n'));
		expect(text).toBe('<s><|system|>Say it. qz0q<|end|><|user|>s0:  a  b \n\ns1:  tail<|end|><|assistant|>');
		expect(segmentSpans.map(({ start, end }) => text.slice(start, end))).toEqual([' a  b \n', ' tail']);
		const empty = renderPrompt(format, messagesOf, exampleOf('a', ' '));
		expect(empty.text).toContain('s0: a\ns1:<|end|>');
		expect(empty.segmentSpans.map(({ start, end }) => end - start)).toEqual([1, 0]);
	});

	it('writes any blanks and letters as the template does', () => {
		const blanks = fc.string({ unit: fc.constantFrom(' ', '\n', '\u0085', '\u3000', '\ufeff', 'a', '.') });
		const trimming = fc.constantFrom(trim, trimStart, trimEnd, (text: string) => text);
		fc.assert(
			fc.property(fc.array(blanks, { minLength: 1, maxLength: 3 }), trimming, (list, cut) => {
				const cutting: ChatFormat = {
					...format,
					renderChat: (messages) => messages.map(({ role, content }) => `${role}:\n${cut(content)}\n\n`).join(''),
				};
				const example = exampleOf(...list);
				const { text, wordSpans } = renderPrompt(cutting, messagesOf, example);
				expect(text).toBe(cutting.renderChat(messagesOf(example)));
				const words = exampleWords(example).map((word) => word.text);
				expect(wordSpans.map(({ start, end }) => text.slice(start, end))).toEqual(words);
			}),
		);
	});

	it('refuses a template that changes what is between words', () => {
		const renderChat: ChatFormat['renderChat'] = (messages) => format.renderChat(messages).replaceAll(/ {2}/gu, ' ');
		expect(() => renderPrompt({ ...format, renderChat }, messagesOf, exampleOf('a  b'))).toThrow(/"s0" appears not/);
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

describe('a begun answer', () => {
	const turns: ChatMessage[] = [{ role: 'user', content: 'Who is it?' }];
	const chatml =
		"{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}" +
		"{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
	const template = createChatTemplate(chatml, { file: 't', specialTokens: {} });
	const plain = createPlainTemplate('<s>');
	const rendering = (chat: typeof plain) => ({
		renderChat: (messages: readonly ChatMessage[]) =>
			chat.render(messages, { addGenerationPrompt: messages.at(-1)?.role !== 'assistant' }),
	});

	it("ends with the prefix, in the assistant's turn, as continue_final_message of transformers ends it", () => {
		expect(begunAnswer(rendering(template), turns, 'Occupation:')).toBe(
			'<|im_start|>user\nWho is it?<|im_end|>\n<|im_start|>assistant\nOccupation:',
		);
	});

	it('stands behind "Answer:" for a model without a template', () => {
		expect(begunAnswer(rendering(plain), turns, 'Occupation:')).toBe('<s>Who is it?\n\nAnswer: Occupation:');
	});

	it('leaves words where they are', () => {
		const task = { id: 't', instruction: '', segmentTitles: {}, labels: [], verbalizers: {}, answerPrefix: 'It is' };
		const begun = answeringFormat({ controlTokens: [], ...rendering(template) }, task);
		const { text, wordSpans } = renderPrompt(begun, messagesOf, exampleOf('A man'));
		expect(wordSpans.map(({ start, end }) => text.slice(start, end))).toEqual(['A', 'man']);
		expect(text.endsWith('<|im_start|>assistant\nIt is')).toBe(true);
	});

	it('is refused where the template alters it', () => {
		const shouting = {
			renderChat: (messages: readonly ChatMessage[]) => messages.map(({ content }) => content.toUpperCase()).join(''),
		};
		expect(() => begunAnswer(shouting, turns, 'Occupation:')).toThrow('does not appear in the rendered prompt');
	});
});
