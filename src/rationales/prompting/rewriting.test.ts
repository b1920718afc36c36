import { describe, expect, it } from 'vitest';
import { type Example, segmentOf } from '../../core/example.ts';
import type { Task } from '../../core/task.ts';
import { readRewriting } from './rewriting.ts';

const task: Task = {
	id: 't',
	instruction: '?',
	segmentTitles: { text: 'Text' },
	labels: ['a'],
	verbalizers: { a: 'a' },
};
const example: Example = {
	id: 'e',
	segments: [segmentOf('text', 'She repairs hips, hip by hip.')],
	label: null,
	annotations: [],
};
const read = (kind: 'redaction' | 'counterfactual', answer: string) => {
	const { changed, match } = readRewriting(kind, answer, task, example);
	return [changed, match.status, match.unmatched.map(({ text }) => text)];
};

describe('redaction', () => {
	it.each([
		['Text: She [REDACTED] hips, hip by [REDACTED].', [1, 5], 'ok', []],
		['She [REDACTED] [REDACTED], hip by hip.', [1, 2], 'ok', []],
		['She [REDACTED] hip by hip.', [1, 2], 'ok', []],
		['She gladly repairs [redacted], hip by hip', [2], 'partial', ['gladly']],
		['[REDACTED] repairs', [0], 'ok', []],
		['She repairs hips, [REDACTED] hip by hip.', [], 'empty_match', []],
		['She repairs hips, hip by hip.', [], 'no_rationale', []],
		['', [], 'no_rationale', []],
	])('%j', (answer, ...expected) => {
		expect(read('redaction', answer)).toEqual(expected);
	});
});

describe('counterfactual', () => {
	it.each([
		['She repairs teeth, tooth by tooth.', [2, 3, 5], 'ok', []],
		['She hips, hip by hip.', [1], 'ok', []],
		['She repairs hips, hip', [], 'empty_match', []],
		['She repairs hips, hip by hip.', [], 'empty_match', []],
		['I cannot do that.', [], 'no_rationale', []],
	])('%j', (answer, ...expected) => {
		expect(read('counterfactual', answer)).toEqual(expected);
	});
});
