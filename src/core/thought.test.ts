import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { opensThought, withoutThought } from './thought.ts';

describe('withoutThought', () => {
	it.each([
		['negative', 'negative', true],
		['  negative\n', '  negative\n', true],
		['<think>\nIt says dull.\n</think>\n\nnegative', 'negative', true],
		['<think></think>negative', 'negative', true],
		['<THINK>a</Think> b', 'b', true],
		['<thinking>a</thinking>b', 'b', true],
		['[THINK]a[/THINK]b', 'b', true],
		['the prompt began it\n</think>\n\nnegative', 'negative', true],
		['<think>a</think> no <think>b</think> yes', 'yes', true],
		['<think>\nOkay, the text names "plot"', '', false],
		['<think>a</think>\n<think>b', '', false],
		['<think>', '', false],
		['I <think> so', 'I <think> so', true],
	])('%j', (answer, text, isComplete) => {
		expect(withoutThought(answer)).toMatchObject({ text, isComplete });
	});

	it.each([
		['negative', ''],
		['<think>\nIt says dull.\n</think>\n\nnegative', 'It says dull.'],
		['the prompt began it\n</think>\n\nnegative', 'the prompt began it'],
		['<think>\nOkay, the text', 'Okay, the text'],
		['<think>a</think> no <think>b</think> yes', 'a</think> no <think>b'],
	])('%j hands out the thought', (answer, thought) => {
		expect(withoutThought(answer).thought).toBe(thought);
	});

	it('cuts off any thought, whatever it says', () => {
		const thought = fc.string().filter((text) => !/<\/|\[\//u.test(text));
		const answer = fc.stringMatching(/^[a-z][a-z ,]{0,20}$/u);
		fc.assert(
			fc.property(thought, answer, (before, after) => {
				expect(withoutThought(`<think>${before}</think>\n\n${after}`).text).toBe(after);
				expect(withoutThought(`<think>${before}`)).toMatchObject({ text: '', isComplete: false });
			}),
		);
	});
});

describe('a thought that the prompt begins', () => {
	it('is told by its end', () => {
		expect(opensThought('<|assistant|><think>\n')).toBe(true);
		expect(opensThought('<|assistant|>[THINK]')).toBe(true);
		expect(opensThought('<|assistant|><think>\n\n</think>\n\n')).toBe(false);
	});

	it('leaves no answer where it does not end', () => {
		expect(withoutThought('The plot and', true)).toMatchObject({ text: '', isComplete: false });
		expect(withoutThought('It is dull.\n</think>\nnegative', true)).toMatchObject({
			text: 'negative',
			isComplete: true,
		});
	});
});
