import { expect, it } from 'vitest';
import type { EncodedText } from '../languageModel.ts';
import { spelledList } from './spelledList.ts';

/** A token per character, but for `"]` and `a"`, which are one. */
async function encode(text: string): Promise<EncodedText> {
	const spans = [...text.matchAll(/"\]|a"|[^]/gu)].map(({ index, 0: piece }) => ({
		start: index,
		end: index + piece.length,
	}));
	return { ids: spans.map(({ start, end }) => text.charCodeAt(start) * 10 + (end - start)), spans };
}
const id = (character: string, length = 1): number => character.charCodeAt(0) * 10 + length;

it('takes the tokens of every text from the middle of a list, and leaves out what a token spans', async () => {
	const items = ['x', 'ba', 'yz'].map((text) => ({ text, times: 2 }));
	const found = await spelledList({ open: '["', items, between: '","', close: '"]', most: 2 }, encode);
	expect(found?.unspellable).toEqual(['ba']);
	expect(found?.constraint).toEqual({
		open: [id('['), id('"')],
		items: [
			{ tokens: [id('x')], times: 2 },
			{ tokens: [id('y'), id('z')], times: 2 },
		],
		between: [id('"'), id(','), id('"')],
		close: [id('"', 2)],
		most: 2,
	});
});

it('spells one of several texts, and says when none can be', async () => {
	const one = { open: '"', items: [{ text: 'x', times: 1 }], between: '', close: '"', most: 1 };
	expect((await spelledList(one, encode))?.constraint).toMatchObject({
		open: [id('"')],
		close: [id('"')],
		between: [],
	});
	expect(await spelledList({ ...one, items: [{ text: 'a', times: 1 }] }, encode)).toBeNull();
});
