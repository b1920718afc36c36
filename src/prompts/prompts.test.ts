import { describe, expect, it } from 'vitest';
import { UserError } from '../core/errors.ts';
import { segmentOf } from '../core/example.ts';
import type { Example } from '../core/example.ts';
import type { Task } from '../core/task.ts';
import { classificationPrompt } from './classification.ts';
import { counterfactualPrompt } from './counterfactual.ts';
import { explainFirstPrompt } from './explainFirst.ts';
import { freshPrompt } from './fresh.ts';
import { prompts, promptTexts } from './prompts.ts';
import { redactPrompt } from './redact.ts';
import { scoresPrompt } from './scores.ts';
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

describe('other forms', () => {
	it('explain first: one turn asks for words and label, and reads both', () => {
		const [system, user] = explainFirstPrompt.messages(task, example);
		expect(system?.content).toBe(task.instruction);
		expect(user?.content).toMatch(/^Premise: A man sleeps\.\nHypothesis: He runs\.\nFirst list the words/u);
		expect(explainFirstPrompt.parse('["runs"]\nno').items).toEqual([{ text: 'runs' }]);
		expect(explainFirstPrompt.label(task, '["runs"]\nAnswer: No idea.')).toBe('neutral');
		expect(explainFirstPrompt.label(task, '["runs"]')).toBeNull();
	});

	it('fresh: shows no prediction', () => {
		const messages = freshPrompt.messages(task, example);
		expect(messages.map(({ role }) => role)).toEqual(['user']);
		expect(messages[0]?.content).toContain(`Question: ${task.instruction}\nDo not answer`);
	});

	it.each([
		[
			'[["hip", 9], ["a", 0.5], ["knee"',
			[
				['hip', 9],
				['a', 0.5],
			],
		],
		[
			'{"hip": 9, "5\\"": 1}',
			[
				['hip', 9],
				['5"', 1],
			],
		],
		['[{"word": "hip", "score": 3}]', [['hip', 3]]],
		[
			'- hip: 9\n- knee: 2',
			[
				['hip', 9],
				['knee', 2],
			],
		],
		['I cannot.', []],
	])('scores: reads %j', (answer, expected) => {
		const { items, refusal } = scoresPrompt.parse(answer);
		expect(items.map(({ text, score }) => [text, score])).toEqual(expected);
		expect(refusal).toBe(expected.length === 0);
	});

	it('counterfactual: names the other label', () => {
		const messages = counterfactualPrompt.messages(task, example, 'entailment', 0, 'neutral');
		expect(messages.at(-1)?.content).toContain('so that the answer becomes: no idea.');
	});

	it('redact: the answer is the text', () => {
		expect(redactPrompt.parse('```\nA [REDACTED]\n```').items).toEqual([{ text: 'A [REDACTED]' }]);
		expect(redactPrompt.parse(' ').refusal).toBe(true);
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
			  "prompt.counterfactual/1": "system: {instruction}
			user: {segment title}: {segment text}
			assistant: {verbalizer}
			user: Change as few words of the text as possible so that the answer becomes: {other}. Write only the changed text.
			assistant: {changed text}",
			  "prompt.explain_first/1": "system: {instruction}
			user: {segment title}: {segment text}
			First list the words of the text that decide the answer, copied unchanged, as a JSON array. Then give the answer on a new line.
			assistant: ["{word}", "{word}"]
			{verbalizer}",
			  "prompt.fresh/1": "user: {segment title}: {segment text}

			Question: {instruction}
			Do not answer the question. List the words of the text that decide the answer, copied unchanged, as a JSON array.
			assistant: ["{word}", "{word}"]",
			  "prompt.redact/1": "system: {instruction}
			user: {segment title}: {segment text}
			assistant: {verbalizer}
			user: Write the text again with every word that made you decide replaced by [REDACTED], and nothing else changed.
			assistant: {text with [REDACTED]}",
			  "prompt.scores/1": "system: {instruction}
			user: {segment title}: {segment text}
			assistant: {verbalizer}
			user: Give every word of the text, in order, a number from 0 (no influence on your decision) to 10 (decisive), as a JSON array of [word, number] pairs.
			assistant: [["{word}", {number}], ["{word}", {number}]]",
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

describe('demonstrations', () => {
	const marked = {
		id: 'd',
		label: 'neutral',
		segments: [segmentOf('premise', 'A cat.'), segmentOf('hypothesis', 'It purrs, loud.')],
		annotations: [{ annotator: 'a', spans: [{ segment: 1, span: { start: 3, end: 15 } }] }],
	};
	const shown: Task = { ...task, demonstrations: [marked, { ...marked, label: 'entailment', annotations: [] }] };
	const conversation = (messages: readonly { role: string; content: string }[]) => messages.map(({ role }) => role);

	it('show label, request and the marked words, in the form that is asked for', () => {
		const messages = topKPrompt.messages(shown, example, 'entailment', 1);
		expect(messages.slice(1, 5).map(({ content }) => content)).toEqual([
			'Premise: A cat.\nHypothesis: It purrs, loud.',
			'no idea',
			'List the 2 words of the text that made you decide most, most important first, copied unchanged, as a JSON array.',
			'["purrs", "loud"]',
		]);
		expect(conversation(messages.slice(5))).toEqual(['user', 'assistant', 'user', 'assistant', 'user']);
		expect(scoresPrompt.messages(shown, example, 'entailment')[4]?.content).toBe(
			'[["A",0],["cat",0],["It",0],["purrs",10],["loud",10]]',
		);
		expect(redactPrompt.messages(shown, example, 'entailment')[4]?.content).toBe('A cat.\nIt [REDACTED] [REDACTED]');
	});

	it('of forms without a label, or that need another text, show what the annotation tells', () => {
		expect(conversation(freshPrompt.messages(shown, example))).toEqual(['user', 'assistant', 'user']);
		const first = explainFirstPrompt.messages(shown, example);
		expect(conversation(first)).toEqual(['system', 'user', 'assistant', 'user']);
		expect(first[2]?.content).toBe('["purrs", "loud"]\nno idea');
		expect(counterfactualPrompt.messages(shown, example, 'entailment', 0, 'neutral')).toHaveLength(8);
	});
});
