import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../../core/errors.ts';
import type { ChatMessage } from '../languageModel.ts';
import { type ChatTemplate, createChatTemplate, createPlainTemplate } from './chatTemplate.ts';
import { readTokenizerConfig } from './tokenizerConfig.ts';

const folder = mkdtempSync(join(tmpdir(), 'template-'));
afterAll(() => rmSync(folder, { recursive: true }));

const conversation: ChatMessage[] = [
	{ role: 'system', content: 'Decide.' },
	{ role: 'user', content: 'A text.' },
];
const prompt = { addGenerationPrompt: true };
const template = (source: string): ChatTemplate =>
	createChatTemplate(source, { file: 'tokenizer_config.json', specialTokens: { bos_token: '<s>', eos_token: '</s>' } });

/** Chat templates as these families publish them. */
const llama3 =
	"{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}";
const chatMl =
	"{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
const gemma =
	"{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}";
const mistral =
	"{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token}}{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}";

describe('templates of models', () => {
	it.each([
		[
			'Llama 3',
			llama3,
			'<s><|start_header_id|>system<|end_header_id|>\n\nDecide.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nA text.<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n',
		],
		[
			'ChatML',
			chatMl,
			'<|im_start|>system\nDecide.<|im_end|>\n<|im_start|>user\nA text.<|im_end|>\n<|im_start|>assistant\n',
		],
		['Gemma', gemma, '<s><start_of_turn>user\nDecide.\n\nA text.<end_of_turn>\n<start_of_turn>model\n'],
		['Mistral', mistral, '<s>[INST] Decide.\n\nA text. [/INST]'],
	])('%s', (_, source, expected) => {
		expect(template(source).kind).toBe('model');
		expect(template(source).render(conversation, prompt)).toBe(expected);
	});

	it('can end with an answer', () => {
		const answered: ChatMessage[] = [...conversation, { role: 'assistant', content: 'Yes' }];
		expect(template(mistral).render(answered, { addGenerationPrompt: false })).toBe(
			'<s>[INST] Decide.\n\nA text. [/INST]Yes</s>',
		);
	});

	it('do not see the real date', () => {
		const dated = "{{ strftime_now('%d %b %Y, %A, 100%%') }} {% for m in messages %}{{ m.content }}{% endfor %}";
		expect(template(dated).render(conversation, prompt)).toBe('26 Jul 2024, Friday, 100% Decide.A text.');
		expect(() => template("{{ strftime_now('%Z') }}").render([], prompt)).toThrow(/strftime_now knows .* not %Z/);
	});

	it('can count and use the constants of Python', () => {
		const counting = '{{ range(3)|join }} {{ range(4, 0, -2)|join }} {{ True and none is none }} {{ tools is none }}';
		expect(template(counting).render([], prompt)).toBe('012 42 True True');
	});

	it('fold a system turn that they would silently drop', () => {
		const userOnly = "{% for m in messages if m.role == 'user' %}[{{ m.content }}]{% endfor %}";
		expect(template(userOnly).render(conversation, prompt)).toBe('[Decide.\n\nA text.]');
	});

	it('are refused when they lose what the user says, fail or cannot be parsed', () => {
		expect(() => template('nothing').render(conversation, prompt)).toThrow(
			/turns system, user: it leaves out, or alters/,
		);
		expect(() => template("{{ raise_exception('Never.') }}").render(conversation, prompt)).toThrow(
			/tokenizer_config.json: .*Never\./,
		);
		expect(() => template(mistral).render([{ role: 'assistant', content: 'x' }], prompt)).toThrow(UserError);
		expect(() => template('{% if %}')).toThrow(/tokenizer_config.json: the chat template cannot be parsed/);
	});
});

it('has a plain template for models without one', () => {
	const plain = createPlainTemplate('<s>');
	expect(plain.kind).toBe('plain');
	expect(plain.render(conversation, prompt)).toBe('<s>Decide.\n\nA text.\n\nAnswer:');
	const shots: ChatMessage[] = [...conversation, { role: 'assistant', content: 'Yes' }];
	expect(plain.render(shots, { addGenerationPrompt: false })).toBe('<s>Decide.\n\nA text.\n\nAnswer: Yes');
});

describe('readTokenizerConfig', () => {
	const written = (files: Record<string, string>): string => {
		const path = mkdtempSync(join(folder, 'config-'));
		for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
		return path;
	};
	const config = (value: unknown): Record<string, string> => ({ 'tokenizer_config.json': JSON.stringify(value) });

	it('reads special tokens as text or as objects', () => {
		const path = written(
			config({ bos_token: '<s>', eos_token: { content: '</s>', lstrip: false }, pad_token: null, add_bos_token: true }),
		);
		expect(readTokenizerConfig(path)).toEqual({
			specialTokens: { bos_token: '<s>', eos_token: '</s>' },
			chatTemplate: undefined,
		});
	});

	it('reads special tokens from special_tokens_map.json as transformers does', () => {
		const map = { 'special_tokens_map.json': JSON.stringify({ bos_token: { content: '<b>' }, eos_token: '</b>' }) };
		const read = (value: unknown) => readTokenizerConfig(written({ ...config(value), ...map })).specialTokens;
		expect(read({})).toEqual({ bos_token: '<b>', eos_token: '</b>' });
		expect(read({ bos_token: '<s>', pad_token: '<p>' })).toEqual({
			bos_token: '<b>',
			eos_token: '</b>',
			pad_token: '<p>',
		});
		expect(read({ bos_token: '<s>', added_tokens_decoder: {} })).toEqual({ bos_token: '<s>' });
		expect(readTokenizerConfig(written(map)).specialTokens).toEqual({ bos_token: '<b>', eos_token: '</b>' });
	});

	it('refuses special tokens of any length', () => {
		const path = written(config({ bos_token: 'x'.repeat(1_000_000) }));
		expect(() => readTokenizerConfig(path)).toThrow(/bos_token has 1000000 characters; at most 1000 are read/);
	});

	it('finds the template in its own file, in the config, or among several', () => {
		const source = (files: Record<string, string>): string | undefined =>
			readTokenizerConfig(written(files)).chatTemplate?.source;
		expect(source(config({ chat_template: 'one' }))).toBe('one');
		expect(source({ ...config({ chat_template: 'one' }), 'chat_template.jinja': 'two' })).toBe('two');
		expect(
			source(
				config({
					chat_template: [
						{ name: 'tool_use', template: 'a' },
						{ name: 'default', template: 'b' },
					],
				}),
			),
		).toBe('b');
		expect(source(config({ chat_template: [{ name: 'only', template: 'a' }] }))).toBe('a');
		expect(source({})).toBeUndefined();
	});

	it('refuses several templates without a default, and broken files', () => {
		const several = [
			{ name: 'x', template: 'a' },
			{ name: 'y', template: 'b' },
		];
		expect(() => readTokenizerConfig(written(config({ chat_template: several })))).toThrow(
			/templates x, y, none of them named "default"/,
		);
		expect(() => readTokenizerConfig(written(config({ chat_template: 3 })))).toThrow(UserError);
		expect(() => readTokenizerConfig(written({ 'tokenizer_config.json': '{' }))).toThrow(/is not JSON/);
	});
});

describe('templates that do not end', () => {
	it.each([
		[
			'a long loop',
			'{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}',
			/more than 1000000 steps|longer than/,
		],
		['a list without end', '{% for i in range(2000000000) %}{% endfor %}', /list of more than 100000 members/],
		['an infinite list', '{% for i in range(0, 1, 0) %}{% endfor %}', /list of more than/],
		['a list that doubles', `{% set x = [1, 2] %}${'{% set x = x + x %}'.repeat(40)}`, /list of more than/],
		['a text that doubles', `{% set x = 'ab' %}${'{% set x = x ~ x %}'.repeat(60)}`, /text of more than/],
		['a text that grows', `{% for i in range(100000) %}{{ '${'a'.repeat(10_000)}' }}{% endfor %}`, /text of more than/],
		['a macro of itself', '{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}', /refuses a conversation/],
	])('are stopped: %s', (_, source, problem) => {
		const render = () => template(source).render(conversation, prompt);
		expect(render).toThrow(expect.objectContaining({ name: 'UserError', message: expect.stringMatching(problem) }));
	});

	it('are refused where they are too long to be read', () => {
		expect(() => template(' '.repeat(5000))).toThrow(/at most 1000 of white space in a row/);
		expect(() => template('a'.repeat(300_000))).toThrow(/has 300000 characters; at most 200000 are read/);
	});
});

describe('a turn that vanishes', () => {
	it('is noticed, be it the assistant’s', () => {
		const forgetful =
			"{% for m in messages %}{% if m.role == 'assistant' %}{% continue %}{% endif %}{{ m.content }}{% endfor %}";
		const shown: ChatMessage[] = [
			{ role: 'user', content: 'Good or bad?' },
			{ role: 'assistant', content: 'bad' },
			{ role: 'user', content: 'And this?' },
		];
		expect(() => template(forgetful).render(shown, prompt)).toThrow(/the content of the assistant turn/);
	});

	it('is none where only a thought was left out', () => {
		const brief = "{% for m in messages %}{{ m.content.split('</think>')[-1] }}{% endfor %}";
		const thought: ChatMessage[] = [{ role: 'assistant', content: '<think>hm</think>bad' }];
		expect(template(brief).render(thought, { addGenerationPrompt: false })).toBe('bad');
	});
});
