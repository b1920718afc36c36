import { expect, it } from 'vitest';
import { answerStart, opensThought } from './thought.ts';

it.each([
	['positive', false, 'positive'],
	['<think>It is dull.</think>\n\nnegative', false, '\n\nnegative'],
	['\n<think>\n</think>negative', false, 'negative'],
	['It is dull.\n</think>\nnegative', true, '\nnegative'],
	['<think>a</think><think>b</think>c', false, 'c'],
	['[THINK]hm[/THINK]["dull"]', false, '["dull"]'],
	['What do I think? negative', false, 'What do I think? negative'],
])('of %j the answer is what follows the thought', (said, isOpened, answer) => {
	expect(said.slice(answerStart(said, isOpened) ?? said.length)).toBe(answer);
});

it.each([
	['<think>The plot and the actors', false],
	['The plot and the actors', true],
	[' [THINK] plot', false],
])('a thought that does not end is no answer: %j', (said, isOpened) => {
	expect(answerStart(said, isOpened)).toBeNull();
});

it('a prompt can begin the thought', () => {
	expect(opensThought('<|assistant|><think>\n')).toBe(true);
	expect(opensThought('<|assistant|><think>\n\n</think>\n\n')).toBe(false);
});
