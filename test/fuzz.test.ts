import { expect, it } from 'vitest';
import { fuzzConfig, fuzzGguf, fuzzSafetensors } from './support/fuzzReaders.ts';

it.each([
	['fixtures/llama2', 1500],
	['fixtures/gpt2', 500],
])('refuses damaged weights of %s, naming the file', (folder, count) => {
	const { failures, refused, accepted } = fuzzSafetensors(folder, count, 1);
	expect(failures).toEqual([]);
	expect(refused).toBeGreaterThan(accepted);
});

it.each([
	['fixtures/llama3', 150],
	['fixtures/gemma3', 100],
	['fixtures/phi3', 100],
	['fixtures/gpt2', 100],
])('refuses damaged configs of %s, naming the file', (folder, count) => {
	const { failures } = fuzzConfig(folder, count, 1);
	expect(failures).toEqual([]);
});

it('refuses damaged GGUF files, naming the file', () => {
	const { failures, refused, accepted } = fuzzGguf('fixtures/gguf/models/llama.gguf', 500, 1);
	expect(failures).toEqual([]);
	expect(refused).toBeGreaterThan(accepted);
	expect(accepted).toBeGreaterThan(0);
});
