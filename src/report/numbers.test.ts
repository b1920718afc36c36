import { expect, test } from 'vitest';
import { countOf, formatDifference, formatInterval, formatNumber, formatShare, shorten } from './numbers.ts';

test('numbers have two decimals, a true minus sign, and no negative zero', () => {
	expect([0.5, -0.126, -0.001, 0, null].map(formatNumber)).toEqual(['0.50', '−0.13', '0.00', '0.00', '—']);
});

test('differences carry their sign', () => {
	expect([0.2, -0.2, 0.001, null].map(formatDifference)).toEqual(['+0.20', '−0.20', '0.00', '—']);
});

test('intervals, counts and shares', () => {
	expect(formatInterval([-0.1, 0.25])).toBe('[−0.10, 0.25]');
	expect(formatInterval(null)).toBe('');
	expect([countOf(1, 'word'), countOf(0, 'word')]).toEqual(['1 word', '0 words']);
	expect([formatShare(5, 20), formatShare(0, 0)]).toEqual(['0.25 (5 of 20)', '—']);
});

test('long names are cut', () => {
	expect([shorten('short', 5), shorten('much longer', 6)]).toEqual(['short', 'much…']);
});
