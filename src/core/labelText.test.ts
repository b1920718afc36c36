import { expect, it } from 'vitest';
import { labelAtStart, plainWords } from './labelText.ts';

it.each<[string, number | null]>([
	['Positive.', 0],
	['very positive, I think', 1],
	['positively', null],
	['It is positive', null],
	['', null],
])('finds the label that %j begins with', (answer, label) => {
	expect(labelAtStart(answer, ['positive', 'very positive'])).toBe(label);
});

it('takes the longest of several labels', () => {
	expect(labelAtStart('no sentiment', ['no', 'no sentiment'])).toBe(1);
});

it('compares words without case, punctuation and width', () => {
	expect(plainWords('  Ｎo—Sentiment! ')).toBe('no sentiment');
});
