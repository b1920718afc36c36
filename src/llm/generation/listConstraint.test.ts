import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemsListed, ListWriter } from './listConstraint.ts';
import type { ListConstraint } from '../languageModel.ts';

/** `hip` is 7, `hips` 7 8, `knee` 9; `[` 1, `,` 2, `]` 3. */
const constraint: ListConstraint = {
	open: [1],
	items: [
		{ tokens: [7], times: 2 },
		{ tokens: [7, 8], times: 1 },
		{ tokens: [9], times: 1 },
	],
	between: [2],
	close: [3],
	most: 3,
};

/** Returns what is allowed after each of the tokens, that before the first one included. */
function allowedAlong(tokens: readonly number[], changes: Partial<ListConstraint> = {}, room = 100): number[][] {
	const writer = new ListWriter({ ...constraint, ...changes }, room);
	const sorted = (): number[] => [...writer.allowed].toSorted((a, b) => a - b);
	return [
		sorted(),
		...tokens.map((token) => {
			writer.take(token);
			return sorted();
		}),
	];
}

describe('ListWriter', () => {
	it('opens the list, tells items with a common beginning apart, and ends after the closing', () => {
		expect(allowedAlong([1, 7, 8, 2, 9, 3])).toEqual([[1], [7, 9], [2, 3, 8], [2, 3], [7, 9], [2, 3], []]);
	});

	it('lists an item as often as it may be listed', () => {
		expect(allowedAlong([1, 7, 2, 7, 2]).at(-1)).toEqual([7, 9]);
		expect(allowedAlong([1, 7, 2, 7, 2, 7]).at(-1)).toEqual([8]);
	});

	it('closes after the most items, and after the last one there is', () => {
		expect(allowedAlong([1, 9], { most: 1 }).at(-1)).toEqual([3]);
		expect(allowedAlong([1, 5], { items: [{ tokens: [5], times: 1 }] }).at(-1)).toEqual([3]);
	});

	it('keeps room for the closing', () => {
		expect(allowedAlong([1, 7], {}, 4)).toEqual([[1], [7, 9], [3, 8]]);
		expect(allowedAlong([1, 7], {}, 3)).toEqual([[1], [7, 9], [3]]);
		expect(allowedAlong([], {}, 2)).toEqual([[]]);
	});

	it('ends where a token is not allowed', () => {
		expect(allowedAlong([1, 9, 9])).toEqual([[1], [7, 9], [2, 3], []]);
	});

	it('reaches a closed list from every choice, in the room there is', () => {
		const picks = fc.array(fc.nat(), { minLength: 40, maxLength: 40 });
		fc.assert(
			fc.property(picks, fc.integer({ min: 3, max: 12 }), (choices, room) => {
				const writer = new ListWriter(constraint, room);
				const ids: number[] = [];
				for (const choice of choices) {
					const allowed = [...writer.allowed];
					const token = allowed[choice % allowed.length];
					if (token === undefined) break;
					ids.push(token);
					writer.take(token);
				}
				expect(writer.isComplete).toBe(true);
				expect(ids.length).toBeLessThanOrEqual(room);
				expect(writer.listed.length).toBeLessThanOrEqual(3);
				for (const [i, { times }] of constraint.items.entries())
					expect(writer.listed.filter((item) => item === i).length).toBeLessThanOrEqual(times);
				expect(itemsListed(constraint, ids)).toEqual(writer.listed);
			}),
		);
	});
});

it('itemsListed leaves out an item that is not written in full', () => {
	expect(itemsListed(constraint, [1, 7, 8, 2, 7])).toEqual([1]);
	expect(itemsListed(constraint, [])).toEqual([]);
});

it('needs nothing before the first item', () => {
	expect(allowedAlong([9], { open: [], most: 1, close: [] })).toEqual([[7, 9], []]);
});
