import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createChatTemplate, createPlainTemplate } from './chatTemplate.ts';
import { type AddedToken, controlTokensOf } from './controlTokens.ts';

interface Family {
	readonly name: string;
	readonly source: string;
	readonly specialTokens: Readonly<Record<string, string>>;
}

const file = join(import.meta.dirname, '../../../fixtures/chatTemplates.json');
const { templates } = JSON.parse(readFileSync(file, 'utf8')) as { readonly templates: readonly Family[] };

const controlTokens = (family: string, added: readonly AddedToken[]): string[] => {
	const { source, specialTokens } = templates.find(({ name }) => name === family) as Family;
	return controlTokensOf(added, createChatTemplate(source, { file: 'chat_template.jinja', specialTokens }));
};
const special = (content: string): AddedToken => ({ content, special: true });
const added = (content: string): AddedToken => ({ content, special: false });

it.each([
	['Llama 2', ['<s>', '[INST]', '<<SYS>>', '<</SYS>>', '[/INST]', '</s>']],
	['Llama 3', ['<|begin_of_text|>', '<|start_header_id|>', '<|end_header_id|>', '<|eot_id|>']],
	['Llama 3.1', ['<|begin_of_text|>', '<|start_header_id|>', '<|end_header_id|>', '<|eot_id|>']],
	['Qwen 2.5', ['<|im_start|>', '<|im_end|>']],
	['Qwen 3', ['<|im_start|>', '<|im_end|>']],
	['Gemma 2', ['<bos>', '<start_of_turn>', '<end_of_turn>']],
	['Gemma 3', ['<bos>', '<start_of_turn>', '<end_of_turn>']],
	['Mistral 0.2', ['<s>', '[INST]', '[/INST]', '</s>']],
	['Mistral 0.3', ['<s>', '[INST]', '[/INST]', '</s>']],
	['Phi 3', ['<|system|>', '<|end|>', '<|user|>', '<|assistant|>']],
])('%s: what stands around turns is control even where it is plain text', (family, tokens) => {
	expect(controlTokens(family, []).toSorted()).toEqual(tokens.toSorted());
});

it('added tokens that the template spells are control, special or not; others are where they are special', () => {
	const tokens = [added('<think>'), added('</think>'), added('<tool_response>'), added('<b>'), special('<pad>')];
	const found = controlTokens('Qwen 3', tokens);
	expect(found).toEqual(expect.arrayContaining(['<think>', '</think>', '<tool_response>', '<pad>']));
	expect(found).not.toContain('<b>');
});

it.each([
	['Qwen 2.5', ['<|fim_prefix|>', '<|repo_name|>', '<|file_sep|>', '<tool_call>', '</tool_call>']],
	['Gemma 3', ['<unused0>', '<unused98>', '[@BOS@]', '[multimodal]']],
	['Phi 3', ['<|placeholder1|>', '<｜fim▁hole｜>', '[IMG]', '<fim_prefix>', '<repo_name>']],
])('%s: tokens that no template spells are control by their form, special or not', (family, tokens) => {
	expect(controlTokens(family, tokens.map(added))).toEqual(
		expect.arrayContaining(tokens.filter((token) => token !== '[multimodal]')),
	);
});

it('elements of HTML, words, numbers and runs of signs are text though they are added tokens', () => {
	const text = [
		'<table>',
		'</table>',
		'<h1>',
		'</strong>',
		'<code>',
		'<br/>',
		'\u2581\u2581',
		'007',
		'word',
		'user',
		'...',
		'||',
		'<>',
	];
	expect(controlTokens('Gemma 3', text.map(added)).filter((token) => text.includes(token))).toEqual([]);
});

it('white space is no control token, and a plain template writes none', () => {
	const plain = createPlainTemplate('<s>');
	expect(controlTokensOf([special('\n'), special('<s>'), added('   '), added('<b>')], plain)).toEqual(['<s>']);
});
