import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../core/errors.ts';
import { maskings, maskWords, unblocked } from './masking.ts';
import type { MaskablePrompt } from './masking.ts';

const prompt: MaskablePrompt = { ids: [1, 10, 11, 12, 2], tokensOfWord: [[1], [2, 3], []], neutralToken: 99 };

describe('maskWords', () => {
	it('puts a space for every token of the word', () => {
		expect(maskWords(maskings.space, prompt, [1])).toEqual(unblocked([1, 10, 99, 99, 2]));
	});

	it('leaves the tokens of the word out', () => {
		expect(maskWords(maskings.delete, prompt, [1, 0])).toEqual(unblocked([1, 2]));
	});

	it('blocks the tokens of the word, in the order of the prompt, and leaves all in place', () => {
		expect(maskWords(maskings.block_attention, prompt, [1, 0])).toEqual({ ids: prompt.ids, blocked: [1, 2, 3] });
	});

	it.each(Object.values(maskings))('changes nothing for a word without tokens ($id)', (masking) => {
		expect(maskWords(masking, prompt, [2])).toEqual(unblocked(prompt.ids));
		expect(maskWords(masking, prompt, [])).toEqual(unblocked(prompt.ids));
	});

	it('never touches a token outside the words, and does not change the prompt', () => {
		fc.assert(
			fc.property(fc.subarray([0, 1, 2]), (words) => {
				const before = structuredClone(prompt);
				const masked = words.flatMap((word) => prompt.tokensOfWord[word] ?? []);
				const kept = prompt.ids.filter((_, position) => !masked.includes(position));
				expect(maskWords(maskings.delete, prompt, words).ids).toEqual(kept);
				expect(maskWords(maskings.space, prompt, words).ids.filter((id) => id !== 99)).toEqual(kept);
				const { ids, blocked } = maskWords(maskings.block_attention, prompt, words);
				expect(ids.filter((_, position) => !blocked.includes(position))).toEqual(kept);
				expect(prompt).toEqual(before);
			}),
		);
	});

	it('says what to do where there is no token for a space', () => {
		const mask = () => maskWords(maskings.space, { ...prompt, neutralToken: null }, []);
		expect(mask).toThrow(UserError);
		expect(mask).toThrow('Use masking "delete"');
	});
});

it('maskings are listed under their own ids', () => {
	for (const [id, masking] of Object.entries(maskings)) expect(masking.id).toBe(id);
});
