import { describe, expect, it } from 'vitest';
import { segmentOf } from '../../core/example.ts';
import type { Example } from '../../core/example.ts';
import type { Task } from '../../core/task.ts';
import { counterfactual } from './counterfactual.ts';
import { readAnswer } from './readAnswer.ts';
import { redact } from './redact.ts';
import { scores } from './scores.ts';
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
		const { attribution, match, wrongLength } = readAnswer(unbound, '["replacement", "hip"]', task, example, null);
		expect(attribution).toEqual({ scores: [0, 0, 0.5, 1, 0], own: [3, 2] });
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

	it('takes the numbers of a scored answer, none for words left out', () => {
		const { attribution } = readAnswer(scores, '[["hip", 9], ["She", 0], ["knee", 3]]', task, example, null);
		expect(attribution).toEqual({ scores: [0, null, 9, null, null], own: null });
		expect(readAnswer(scores, 'Sorry.', task, example, null).attribution).toEqual({ scores: null, own: [] });
	});

	it('takes the words that a rewriting changed', () => {
		const { attribution, match } = readAnswer(redact, 'She does [REDACTED] replacement surgery', task, example, null);
		expect(attribution).toEqual({ scores: null, own: [2] });
		expect(match.status).toBe('ok');
		const changed = readAnswer(counterfactual, 'She does tooth replacement surgery', task, example, null);
		expect(changed.attribution.own).toEqual([2]);
	});

	it('keeps a refusal apart from an empty choice of words', () => {
		const { attribution, match } = readAnswer(unbound, 'I cannot say.', task, example, null);
		expect(attribution).toEqual({ scores: [0, 0, 0, 0, 0], own: [] });
		expect(match.status).toBe('no_rationale');
	});
});
