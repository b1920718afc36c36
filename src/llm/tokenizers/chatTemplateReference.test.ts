import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../languageModel.ts';
import { createChatTemplate } from './chatTemplate.ts';
import { parseTemplate, renderTemplate } from './jinjaTemplate.ts';

interface Reference {
	readonly templates: readonly {
		readonly name: string;
		readonly source: string;
		readonly specialTokens: Readonly<Record<string, string>>;
		readonly renderings: readonly {
			readonly name: string;
			readonly messages: readonly ChatMessage[];
			readonly text: string;
		}[];
	}[];
	readonly pieceMessages: readonly ChatMessage[];
	readonly pieces: readonly { readonly source: string; readonly text: string | null }[];
}

/** By transformers and Jinja: `scripts/parity/chatTemplateReference.py`. */
const reference = JSON.parse(
	readFileSync(join(import.meta.dirname, '../../../fixtures/chatTemplates.json'), 'utf8'),
) as Reference;

describe.each(reference.templates)('$name', ({ source, specialTokens, renderings }) => {
	const template = createChatTemplate(source, { file: 'chat_template.jinja', specialTokens });

	it.each(renderings)('writes what transformers writes: $name', ({ messages, text }) => {
		const addGenerationPrompt = messages.at(-1)?.role !== 'assistant';
		expect(template.render(messages, { addGenerationPrompt })).toBe(text);
	});
});

describe('pieces of templates', () => {
	const { pieces, pieceMessages: messages } = reference;
	const written = (source: string): string =>
		renderTemplate(parseTemplate(source, 'chat_template.jinja'), { messages, bos_token: '<s>', eos_token: '</s>' });

	it.each(pieces.filter(({ text }) => text !== null))('mean what they mean in Jinja: $source', ({ source, text }) => {
		expect(written(source)).toBe(text);
	});

	it.each(pieces.filter(({ text }) => text === null))('are refused as by Jinja: $source', ({ source }) => {
		expect(() => written(source)).toThrow(/undefined|no members|Unknown|outside of a loop/);
	});
});
