import { describe, expect, it } from 'vitest';
import { segmentOf } from '../../core/example.ts';
import type { Example } from '../../core/example.ts';
import type { Task } from '../../core/task.ts';
import { readAnswer } from './readAnswer.ts';
import { topK } from './topK.ts';
import { unbound } from './unbound.ts';

const task: Task = {
	id: 'bios',
	instruction: 'Which occupation?',
	segmentTitles: { text: 'Text' },
	labels: ['surgeon'],
	verbalizers: { surgeon: 'surgeon' },
};
const example: Example = {
	id: 'e1',
	segments: [segmentOf('text', 'She does hip replacement surgery')],
	label: null,
	annotations: [],
};

describe('readAnswer', () => {
	it('ranks the listed words and keeps them as the method’s own', () => {
		const { ranking, match, wrongLength } = readAnswer(unbound, '["replacement", "hip"]', task, example, null);
		expect(ranking).toEqual({ scores: [0, 0, 0.5, 1, 0], own: [3, 2] });
		expect(match.status).toBe('ok');
		expect(wrongLength).toBe(false);
	});

	it.each([
		['["hip", "surgery"]', false],
		['["hip"]', true],
		['["hip", "knee"]', true],
		['["hip", "surgery", "does"]', true],
	])('compares the number of matched words with k = 2: %s', (answer, wrongLength) => {
		expect(readAnswer(topK, answer, task, example, 2).wrongLength).toBe(wrongLength);
	});

	it('keeps a refusal apart from an empty choice of words', () => {
		const { ranking, match } = readAnswer(unbound, 'I cannot say.', task, example, null);
		expect(ranking).toEqual({ scores: [0, 0, 0, 0, 0], own: [] });
		expect(match.status).toBe('no_rationale');
	});
});
