import { afterEach, expect, it } from 'vitest';
import { createSmallStudy, type SmallStudy } from './support/smallStudy.ts';

let study: SmallStudy | undefined;
afterEach(async () => {
	await study?.remove();
	study = undefined;
});

/** It thinks of the first word it knows, and never comes to an end about good ones in long texts. */
const answer = (prompt: string): string => {
	const word = /good|bad/u.exec(prompt.split('Text').at(-1) ?? '')?.[0] ?? 'neither';
	return prompt.includes('acting') ? `<think>it is ${word} and` : `<think>it is <b>${word}</b></think>\nlabel`;
};

it('a study lets the model think, keeps the thoughts, and says of how many texts one did not end', async () => {
	study = await createSmallStudy({ answer });
	await study.write({ reasoning: { tokens: 40 }, methods: ['input_x_gradient.dot', 'human'] });
	const { input } = await study.run();
	const { records } = input;
	const predictions = records.filter((record) => record.kind === 'prediction');
	expect(predictions.map(({ example, thought }) => [example, thought])).toEqual([
		['one', 'it is <b>good</b>'],
		['two', 'it is <b>bad</b>'],
		['four', 'it is <b>good</b>'],
	]);
	expect(records.find((record) => record.kind === 'skipped')).toMatchObject({
		example: 'three',
		reason: 'no answer: the thought did not end',
		problem: 'unfinished_thought',
	});
	const report = await study.read('report.html');
	expect(report).toContain(
		'<details><summary>What the model thought first</summary><pre>it is &lt;b&gt;good&lt;/b&gt;</pre></details>',
	);
	expect(report).toContain('no answer: the thought did not end');
	expect(await study.read('study.yaml')).toMatch(/reasoning:\n\s+tokens: 40\n\s+masked: anew/u);
});

it.each([
	[
		'fine-tuning',
		{ finetune: {}, datasets: [{ id: 'planted-bios', limit: 2 }] },
		/fine-tuning teaches the label that follows the text/u,
	],
	['blocked attention', { maskings: ['block_attention'] }, /masking "block_attention" cannot be used/u],
])('%s does not go together with a thought', async (_, changes, message) => {
	study = await createSmallStudy({ answer });
	const file = { reasoning: { tokens: 40 }, ...changes };
	await study.write(file);
	await expect(study.run()).rejects.toThrow(message);
});
