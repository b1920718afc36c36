import { expect, it } from 'vitest';
import { listOfAnswers } from './listOfAnswers.ts';

it.each([
	[
		'Good or bad? Answer with one word: good or bad.',
		['good', 'bad'],
		'Bad or good? Answer with one word: bad or good.',
	],
	['One of: yes, no or maybe.', ['yes', 'no', 'maybe'], 'One of: maybe, no or yes.'],
	['Answer:\n- "yes"\n- "no"', ['yes', 'no'], 'Answer:\n- "no"\n- "yes"'],
	['surgeon general/surgeon', ['surgeon general', 'surgeon'], 'surgeon/surgeon general'],
	['Is the surgeon good? nurse, surgeon.', ['nurse', 'surgeon'], 'Is the surgeon good? surgeon, nurse.'],
	['1 (bad) to 2: 1, 2?', ['1', '2'], '1 (bad) to 2: 2, 1?'],
	['C++ or C?', ['C++', 'C'], 'C or C++?'],
])('turns round the lists of %j', (instruction, answers, expected) => {
	const list = listOfAnswers(instruction, answers);
	expect(list?.(answers.toReversed())).toBe(expected);
});

it.each([
	['Is it good?', ['good', 'bad']],
	['Good? If not: bad', ['good', 'bad']],
	['goodness or badness', ['good', 'bad']],
	['good is what pleases a person, bad is what does not', ['good', 'bad']],
	['good, good or good', ['good', 'bad']],
	['', ['good', 'bad']],
])('finds no list in %j', (instruction, answers) => {
	expect(listOfAnswers(instruction, answers)).toBeNull();
});
