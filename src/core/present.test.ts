import { describe, expect, it } from 'vitest';
import { InternalError } from './errors.ts';
import { widthOf, entryOf, itemAt, lastOf, present, zip } from './present.ts';

describe('what must be there', () => {
	it('is returned, and null, 0 and the empty text are items like others', () => {
		expect(itemAt([null, 0, ''], 0)).toBeNull();
		expect(itemAt(Float64Array.of(1, 2), 1)).toBe(2);
		expect(lastOf([3, 0])).toBe(0);
		expect(entryOf(new Map([['a', null]]), 'a')).toBeNull();
		expect(present('', 'text')).toBe('');
	});

	it.each([
		[(): unknown => itemAt([1, 2], 2, 'word'), 'Internal: there is no word 2 among 2'],
		[(): unknown => itemAt([1, 2], -1), 'Internal: there is no item -1 among 2'],
		[(): unknown => lastOf([], 'row'), 'Internal: there is no row -1 among 0'],
		[(): unknown => entryOf(new Map([['a', 1]]), 'b', 'score'), 'Internal: there is no score of "b" among 1'],
		[(): unknown => present(null, 'verdict'), 'Internal: there is no verdict'],
		[(): unknown => zip([1, 2], [1]), 'Internal: lists of 2 and 1 items do not go side by side'],
	])('is missed aloud (%#)', (read, message) => {
		expect(read).toThrow(InternalError);
		expect(read).toThrow(message);
	});

	it('goes side by side', () => {
		expect(zip(['a', 'b'], Float32Array.of(1, 2))).toEqual([
			['a', 1],
			['b', 2],
		]);
	});

	it('has columns where it has rows', () => {
		expect(widthOf([[1, 2, 3]])).toBe(3);
		expect(widthOf([])).toBe(0);
	});
});
