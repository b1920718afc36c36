import { afterEach, expect, it } from 'vitest';
import { createSmallStudy, fakeSource, goodAndBad, type SmallStudy } from '../../../test/support/smallStudy.ts';
import { UserError } from '../../core/errors.ts';
import { parseConfig } from '../config/studyFile.ts';
import { isTrained } from './usableModels.ts';
import type { ModelSource } from './modelSource.ts';

let study: SmallStudy | null = null;
afterEach(async () => {
	await study?.remove();
	study = null;
});

/** Fake models, of which those named `absent…` cannot be used. */
const source: ModelSource = {
	...fakeSource(goodAndBad, []),
	problem: ({ id }) => (id.startsWith('absent') ? new UserError(`OPENAI_API_KEY is not set for ${id}.`) : null),
};
const absent = { id: 'absent-api', optional: true, api: {} };

it('optional models that cannot be used are left out, and the report and the notes say why', async () => {
	study = await createSmallStudy();
	await study.write({ models: ['fake', absent] });
	const { notes, input } = await study.run({ source });
	expect(notes).toContain('absent-api is left out: OPENAI_API_KEY is not set for absent-api.');
	expect(input.study.models.map(({ id }) => id)).toEqual(['fake']);
	expect(await study.read('report.html')).toContain('left out: OPENAI_API_KEY is not set for absent-api.');
	expect(await study.read('study.yaml')).toMatch(/- id: absent-api\n {4}optional: true/u);
});

it('nothing else is left out, and something must remain', async () => {
	study = await createSmallStudy();
	await study.write({ models: [{ id: 'fake', optional: true }] });
	expect((await study.run({ source })).input.study.models.map(({ id }) => id)).toEqual(['fake']);
	await study.write({ models: [absent, { ...absent, id: 'absent-too' }] });
	await expect(study.run({ source })).rejects.toThrow(
		/^models: none of them can be used here\.\n {2}absent-api: OPENAI_API_KEY[^]*\n {2}absent-too: /u,
	);
});

it('models behind an API are not trained unless they are named', () => {
	const trained = (finetune: object | null): string[] => {
		const models = ['fake', 'openai:gpt', absent];
		const config = parseConfig(JSON.stringify({ models, datasets: ['planted-bios'], finetune }), '/study.yaml');
		return config.models.filter((model) => isTrained(config, model)).map(({ id }) => id);
	};
	expect(trained(null)).toEqual([]);
	expect(trained({})).toEqual(['fake']);
	expect(trained({ models: ['openai:gpt'] })).toEqual(['openai:gpt']);
});
