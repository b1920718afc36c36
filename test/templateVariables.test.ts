/** A model whose template opens a thought unless it is told not to, in a study. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../src/core/errors.ts';
import { defaultSettings } from '../src/llm/engineSettings.ts';
import { createModelSource } from '../src/study/models/machineModels.ts';
import { readStudy } from '../src/study/openStudy.ts';
import { root } from './support/documents.ts';

const folder = mkdtempSync(join(tmpdir(), 'thinking-'));
afterAll(() => rmSync(folder, { recursive: true }));
cpSync(join(root, 'models', 'tiny-instruct'), join(folder, 'thinker'), { recursive: true });
const thinking =
	'{{ bos_token }}{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}' +
	'{% if add_generation_prompt %}<|assistant|>{% if enable_thinking is not defined or enable_thinking %}<think>\n{% endif %}{% endif %}';
writeFileSync(
	join(folder, 'thinker', 'tokenizer_config.json'),
	JSON.stringify({ bos_token: '<|bos|>', eos_token: '<|end|>', chat_template: thinking }),
);

const source = createModelSource({ engine: defaultSettings, hubCache: folder, apiBaseUrl: null, apiKey: null });

async function modelsOf(study: string) {
	const path = join(folder, 'study.yaml');
	writeFileSync(path, study);
	return (await readStudy({ path, source })).config.models;
}

describe('a study', () => {
	it('tells all models what it says for all, unless it says otherwise for one', async () => {
		const models = await modelsOf(
			'template: { enable_thinking: false, day: Monday }\nmodels:\n  - { id: a, path: thinker }\n' +
				'  - { id: b, path: thinker, template: { enable_thinking: true } }\ndatasets: [planted-bios]\n',
		);
		expect(models.map(({ template }) => template)).toEqual([
			{ enable_thinking: false, day: 'Monday' },
			{ enable_thinking: true, day: 'Monday' },
		]);
	});

	it('opens the model that is told so; it is another model than the one that is not', async () => {
		const [told, plain] = await modelsOf(
			'models:\n  - { id: a, path: thinker, template: { enable_thinking: false } }\n  - { id: b, path: thinker }\n' +
				'datasets: [planted-bios]\n',
		);
		if (told === undefined || plain === undefined) throw new Error('no models');
		const model = await source.open(told);
		const prompt = model.renderChat([{ role: 'user', content: 'Warm.' }]);
		await model.close();
		expect(prompt).toBe('<|bos|><|user|>Warm.<|end|><|assistant|>');
		expect(await source.identify(told)).toBe(model.identity);
		expect(await source.identify(plain)).not.toBe(model.identity);
	});

	it('is refused where a model does not read the name', async () => {
		const [told] = await modelsOf(
			'models: [{ id: a, path: thinker, template: { thinking: false } }]\ndatasets: [planted-bios]\n',
		);
		if (told === undefined) throw new Error('no model');
		await expect(source.open(told)).rejects.toThrow(UserError);
		await expect(source.open(told)).rejects.toThrow(/"a" does not read it: unknown name "thinking".*enable_thinking/);
	});
});
