import { describe, expect, it } from 'vitest';
import { UserError } from '../core/errors.ts';
import { segmentOf } from '../core/example.ts';
import type { Example } from '../core/example.ts';
import type { Task } from '../core/task.ts';
import { classificationPrompt } from './classification.ts';
import { prompts, promptTexts } from './prompts.ts';
import { topKPrompt } from './topK.ts';
import { unboundPrompt } from './unbound.ts';

const task: Task = {
	id: 'nli',
	instruction: 'Does the premise entail the hypothesis? Answer yes, no or no idea.',
	segmentTitles: { premise: 'Premise', hypothesis: 'Hypothesis' },
	labels: ['entailment', 'contradiction', 'neutral'],
	verbalizers: { entailment: 'yes', contradiction: 'no', neutral: 'no idea' },
};

const example: Example = {
	id: 'e1',
	segments: [segmentOf('premise', 'A man sleeps.'), segmentOf('hypothesis', 'He runs.')],
	label: 'contradiction',
	annotations: [],
};

describe('classification/1', () => {
	it('asks with the instruction and a line per segment in order', () => {
		expect(classificationPrompt.messages(task, example)).toEqual([
			{ role: 'system', content: task.instruction },
			{ role: 'user', content: 'Premise: A man sleeps.\nHypothesis: He runs.' },
		]);
		expect(classificationPrompt.answer(task, 'neutral')).toBe('no idea');
	});

	it.each([
		['no', 'contradiction'],
		[' No.\n', 'contradiction'],
		['**yes**, because', 'entailment'],
		['No idea!', 'neutral'],
		['not sure', null],
		['The answer is yes', null],
		['', null],
	])('reads %j as %j', (answer, label) => {
		expect(classificationPrompt.parse(task, answer)).toBe(label);
	});

	it('says which title or verbalizer is missing', () => {
		const other = { ...example, segments: [segmentOf('claim', 'x')] };
		expect(() => classificationPrompt.messages(task, other)).toThrow(
			new UserError('task "nli": no title for segment "claim". Known: premise, hypothesis.'),
		);
		expect(() => classificationPrompt.answer(task, 'maybe')).toThrow('no verbalizer for label "maybe"');
	});
});

describe('rationale prompts', () => {
	it('follow the prediction in the same conversation', () => {
		const messages = unboundPrompt.messages(task, example, 'entailment');
		expect(messages.slice(0, 2)).toEqual(classificationPrompt.messages(task, example));
		expect(messages.slice(2)).toEqual([
			{ role: 'assistant', content: 'yes' },
			{
				role: 'user',
				content: 'List the words of the text that made you decide, copied unchanged, as a JSON array.',
			},
		]);
	});

	it.each([
		[1, 'List the 1 word of the text that made you decide most, copied unchanged, as a JSON array.'],
		[
			3,
			'List the 3 words of the text that made you decide most, most important first, copied unchanged, as a JSON array.',
		],
	])('give the number of words: %i', (k, request) => {
		expect(topKPrompt.messages(task, example, 'entailment', k).at(-1)?.content).toBe(request);
	});

	it('refuse a number below one', () => {
		expect(() => topKPrompt.messages(task, example, 'entailment', 0)).toThrow('Internal:');
	});
});

describe('prompts', () => {
	it('are listed under their own id and version', () => {
		for (const [id, prompt] of Object.entries(prompts)) {
			expect(prompt.id).toBe(id);
			expect(id.endsWith(`/${prompt.version}`)).toBe(true);
		}
	});

	// A changed wording is a new version: do not edit these, add an entry.
	it('keep their wordings', () => {
		expect(Object.fromEntries(promptTexts().map(({ id, wording }) => [id, wording]))).toMatchInlineSnapshot(`
			{
			  "classification/1": "system: {instruction}
			user: {segment title}: {segment text}
			assistant: {verbalizer}",
			  "prompt.top_k/1": "system: {instruction}
			user: {segment title}: {segment text}
			assistant: {verbalizer}
			user: List the {k} words of the text that made you decide most, most important first, copied unchanged, as a JSON array.
			assistant: ["{word}", "{word}"]
			or, for k = 1, user: List the 1 word of the text that made you decide most, copied unchanged, as a JSON array.",
			  "prompt.unbound/1": "system: {instruction}
			user: {segment title}: {segment text}
			assistant: {verbalizer}
			user: List the words of the text that made you decide, copied unchanged, as a JSON array.
			assistant: ["{word}", "{word}"]",
			}
		`);
	});
});
