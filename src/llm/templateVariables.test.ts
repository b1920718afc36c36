import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFakeModel } from '../testing/fakeModel.ts';
import { UserError } from '../core/errors.ts';
import type { LanguageModel } from './languageModel.ts';
import { identityTold, withTemplateVariables } from './templateVariables.ts';
import { createChatTemplate } from './tokenizers/chatTemplate.ts';

const { templates } = JSON.parse(
	readFileSync(join(import.meta.dirname, '../../fixtures/chatTemplates.json'), 'utf8'),
) as { templates: readonly { name: string; source: string; specialTokens: Record<string, string> }[] };

const templateOf = (family: string) => {
	const { source = '', specialTokens = {} } = templates.find(({ name }) => name === family) ?? {};
	return createChatTemplate(source, { file: 'chat_template.jinja', specialTokens });
};

/** A model with the template of a family. */
const modelOf = (family: string): LanguageModel => {
	const template = templateOf(family);
	return {
		...createFakeModel({ weights: {} }),
		templateNames: template.names,
		renderChat: (messages, variables) =>
			template.render(messages, { addGenerationPrompt: true, ...(variables && { variables }) }),
	};
};

it.each([
	['Llama 3', []],
	['Llama 3.1', ['date_string']],
	['Qwen 2.5', []],
	['Qwen 3', ['enable_thinking']],
	['Gemma 3', []],
	['Mistral 0.3', ['system_message']],
	['Phi 3', []],
])('the template of %s can be told %j', (family, names) => {
	expect(templateOf(family).names).toEqual(names);
});

it('names are those that a template reads and does not declare, or asks for', () => {
	const source =
		"{% set a = b %}{% for c in messages if d %}{{ c.e | f('g', h) }}{{ loop.index }}{% endfor %}" +
		'{% macro i(j, k=l) %}{{ j ~ k }}{% endmacro %}{{ i(m, k=n) }}{{ o | default(1) }}{% if p is not defined %}{% set p = 1 %}{% endif %}{{ p }}' +
		'{{ bos_token }}{% set ns = namespace(q=r) %}{% set ns.q = s[t] %}';
	const { names } = createChatTemplate(source, { file: 'x', specialTokens: { bos_token: '<s>' } });
	expect(names).toEqual(['b', 'd', 'h', 'm', 'n', 'o', 'p', 'r', 's', 't']);
});

describe('a model whose template is told something', () => {
	const asked = [{ role: 'user', content: 'Good?' }] as const;

	it('writes what transformers writes when it is told so', () => {
		const told = withTemplateVariables(modelOf('Qwen 3'), { enable_thinking: false });
		expect(told.renderChat(asked)).toBe(
			'<|im_start|>user\nGood?<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n',
		);
		expect(told.renderChat(asked, { enable_thinking: true })).toBe(modelOf('Qwen 3').renderChat(asked));
	});

	it('is another model', () => {
		const model = modelOf('Qwen 3');
		expect(withTemplateVariables(model, { enable_thinking: false }).identity).not.toBe(model.identity);
		expect(identityTold('x', {})).toBe('x');
		expect(withTemplateVariables(model, undefined)).toBe(model);
	});

	it('refuses names that the template does not read', () => {
		const tell = (family: string) => () => withTemplateVariables(modelOf(family), { enable_thinkin: false });
		expect(tell('Qwen 3')).toThrow(UserError);
		expect(tell('Qwen 3')).toThrow('Did you mean "enable_thinking"?');
		expect(tell('Llama 3')).toThrow('reads no name but the conversation');
	});
});
