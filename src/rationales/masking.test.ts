import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../core/errors.ts';
import { maskings, maskWords } from './masking.ts';
import type { MaskablePrompt } from './masking.ts';

const prompt: MaskablePrompt = { ids: [1, 10, 11, 12, 2], tokensOfWord: [[1], [2, 3], []], neutralToken: 99 };

describe('maskWords', () => {
	it('puts a space for every token of the word', () => {
		expect(maskWords(maskings.space, prompt, [1])).toEqual([1, 10, 99, 99, 2]);
	});

	it('leaves the tokens of the word out', () => {
		expect(maskWords(maskings.delete, prompt, [1, 0])).toEqual([1, 2]);
	});

	it.each(Object.values(maskings))('changes nothing for a word without tokens ($id)', (masking) => {
		expect(maskWords(masking, prompt, [2])).toEqual(prompt.ids);
		expect(maskWords(masking, prompt, [])).toEqual(prompt.ids);
	});

	it('never touches a token outside the words, and does not change the prompt', () => {
		fc.assert(
			fc.property(fc.subarray([0, 1, 2]), (words) => {
				const before = structuredClone(prompt);
				const masked = words.flatMap((word) => prompt.tokensOfWord[word] ?? []);
				const kept = prompt.ids.filter((_, position) => !masked.includes(position));
				expect(maskWords(maskings.delete, prompt, words)).toEqual(kept);
				expect(maskWords(maskings.space, prompt, words).filter((id) => id !== 99)).toEqual(kept);
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
