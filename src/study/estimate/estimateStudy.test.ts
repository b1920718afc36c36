import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createSmallStudy, fakeSource, goodAndBad, type SmallStudy } from '../../../test/support/smallStudy.ts';
import type { FakeModel, FakeModelOptions } from '../../testing/fakeModel.ts';
import { UserError } from '../../core/errors.ts';
import { estimateStudy, type StepEstimate } from './estimateStudy.ts';

let study: SmallStudy | undefined;
afterEach(async () => {
	await study?.remove();
	study = undefined;
});

/** Returns the steps of the small study by name; the clock goes on by a second each time it is read. */
async function stepsOf(changes: object, model: Partial<FakeModelOptions> = {}): Promise<Record<string, StepEstimate>> {
	study = await createSmallStudy();
	await study.write({ ...changes });
	const opened: FakeModel[] = [];
	let time = 0;
	const [setting, ...others] = await estimateStudy({
		path: join(study.folder, 'small.yaml'),
		source: fakeSource({ ...goodAndBad, ...model }, opened),
		now: () => (time += 1000),
	});
	expect(others).toEqual([]);
	expect(opened.map(({ calls }) => calls.closed)).toEqual([1]);
	expect(await readdir(study.folder)).not.toContain('out');
	return Object.fromEntries((setting?.steps ?? []).map((step) => [step.step, step]));
}

it('counts the passes of each method over all texts, shared passes once', async () => {
	const steps = await stepsOf({ methods: ['attention', 'saliency.l2', 'occlusion', 'prompt.unbound', 'random'] });
	// Four sentences of 3, 3, 8 and 3 words.
	expect(steps['predict']).toMatchObject({ forward: 4, backward: 0, bound: 'exact' });
	expect(steps['attention']).toMatchObject({ forward: 4, backward: 4, note: 'the same pass serves saliency.l2' });
	expect(steps['saliency.l2']).toMatchObject({ forward: 0, note: 'shares the pass of attention' });
	expect(steps['occlusion']).toMatchObject({ forward: 4 + 4 + 9 + 4, backward: 0, bound: 'exact' });
	expect(steps['prompt.unbound']).toMatchObject({ forward: 4, tokensWritten: 4 * 128, bound: 'most' });
	expect(steps['random']).toMatchObject({ forward: 0, seconds: 0 });
	expect(steps['mask']).toMatchObject({ bound: 'most' });
});

it('counts the tokens that are thought before each answer, and before masked ones where they are thought anew', async () => {
	const methods = ['attention', 'occlusion', 'prompt.unbound'];
	const steps = await stepsOf({ methods, reasoning: { tokens: 50 } });
	expect(steps['predict']).toMatchObject({ forward: 4, tokensWritten: 4 * 50, bound: 'most' });
	expect(steps['predict']?.note).toBe('a thought of up to 50 tokens before each answer');
	expect(steps['attention']).toMatchObject({ tokensWritten: 0 });
	expect(steps['occlusion']).toMatchObject({ tokensWritten: 21 * 50 });
	expect(steps['prompt.unbound']).toMatchObject({ tokensWritten: 4 * (50 + 128) });
	expect(steps['mask']?.tokensWritten).toBe((steps['mask']?.forward ?? NaN) * 50);
	const kept = await stepsOf({ methods, reasoning: { tokens: 50, masked: 'kept' } });
	expect(kept['predict']).toMatchObject({ tokensWritten: 4 * 50 });
	expect([kept['occlusion']?.tokensWritten, kept['mask']?.tokensWritten]).toEqual([0, 0]);
});

it('counts no masks for a choice of words that cannot be made', async () => {
	const masks = { maskings: ['space'], control: { draws: 1 }, curve: [] };
	const counted = async (changes: object) => (await stepsOf({ ...masks, ...changes }))['mask']?.forward;
	// Scores give no words of their own, and are cut by two rules; an answer names words, too. Each with a random choice.
	expect(await counted({ methods: ['attention'] })).toBe(4 * 2 * 2);
	expect(await counted({ methods: ['prompt.unbound'] })).toBe(4 * 3 * 2);
	expect(await counted({ methods: ['prompt.unbound'], curve: [0.5] })).toBe(4 * 3 * 2);
	expect(await counted({ methods: ['attention'], curve: [0.5] })).toBe(4 * (2 * 2 + 1));
	const file = { path: 'sentences.csv', id: 'id', text: 'text', label: 'label' };
	const datasets = [{ id: 'plain', file, task: { instruction: 'Liked?', labels: ['positive', 'negative'] } }];
	expect(await counted({ datasets, methods: ['attention', 'human', 'corrupted.0'] })).toBe(4 * 2);
	await expect(counted({ datasets, selections: ['top_var'] })).rejects.toThrow(/"top_var" can only be made/u);
});

it('time goes by tokens, at the speed just measured', async () => {
	const { predict, occlusion } = await stepsOf({ methods: ['occlusion'] });
	const computed = predict?.tokensComputed ?? NaN;
	expect(predict?.seconds).toBeGreaterThan(0);
	expect(computed).toBeLessThan(predict?.tokensRead ?? NaN);
	expect(occlusion?.seconds).toBeCloseTo(
		((predict?.seconds ?? NaN) * (occlusion?.tokensComputed ?? NaN)) / computed,
		9,
	);
});

it('counts the random words of a text once for all methods that choose as many, and shared beginnings of masks once', async () => {
	const masks = { maskings: ['space'], control: { draws: 3 }, curve: [], selections: ['top_var', 'threshold'] };
	const counted = async (methods: readonly string[]) =>
		(await stepsOf({ ...masks, threshold: { share: 0.5 }, methods }))['mask'];
	const two = await counted(['attention', 'input_x_gradient.dot']);
	// Two choices by top_var with one set of draws; two by threshold, whose number is known later only, with a set each.
	expect(two?.forward).toBe(4 * (2 + 3 + 2 + 2 * 3));
	expect(two?.tokensComputed).toBeLessThan(two?.tokensRead ?? NaN);
});

it('says of how many texts a method says nothing, and why', async () => {
	const { occlusion } = await stepsOf({ methods: ['occlusion'], perturbation: { evaluations: 4 } });
	expect(occlusion).toMatchObject({
		forward: 12,
		note: '1 of 4 texts: 8 units need 9 evaluations, the study allows 4',
	});
});

it('a model without gradients, as behind an API, is not asked beforehand', async () => {
	const { predict } = await stepsOf({ methods: ['occlusion'] }, { capabilities: ['labelScores'] });
	expect(predict).toMatchObject({ forward: 4, seconds: null, dollars: null });
});

it('a price per token gives the price of every step', async () => {
	const api = { baseUrl: 'http://localhost:1/v1', price: { input: 2, output: 10 } };
	const models = [{ id: 'openai:fake', api }];
	const steps = await stepsOf({ models, methods: ['prompt.unbound'] }, { capabilities: ['labelScores', 'generation'] });
	const { tokensRead = NaN } = steps['prompt.unbound'] ?? {};
	expect(steps['prompt.unbound']?.dollars).toBeCloseTo((tokensRead * 2 + 4 * 128 * 10) / 1e6, 12);
});

it('counts nothing for what a model cannot do, here or behind an API, and says so', async () => {
	const { attention, mask } = await stepsOf({ methods: ['attention', 'random'] }, { capabilities: ['nothing'] });
	expect(attention).toMatchObject({ forward: 0, backward: 0, note: 'the model "fake" offers no attention' });
	const all = { capabilities: ['attention', 'nothing'] } as const;
	const { mask: both } = await stepsOf({ methods: ['attention', 'random'] }, all);
	// One more method is two choices of words under two maskings and a curve of three shares; the random words are there already.
	expect(mask?.forward).toBe((both?.forward ?? NaN) - 4 * (2 * 2 + 3));
	await study?.write({ models: ['openai:gpt'], methods: ['attention', 'prompt.unbound'] });
	const absent = async (): Promise<never> => {
		throw new UserError('no key');
	};
	const [setting] = await estimateStudy({
		path: join(study?.folder ?? '', 'small.yaml'),
		source: { identify: absent, open: absent, describe: () => '' },
		now: () => 0,
	});
	expect(setting?.steps[1]).toMatchObject({
		step: 'attention',
		forward: 0,
		note: expect.stringContaining('no attention'),
	});
	expect(setting?.steps[2]).toMatchObject({ step: 'prompt.unbound', forward: 4 });
});

it('counts for a model that is not here, and says why it has no time', async () => {
	study = await createSmallStudy();
	await study.write({ methods: ['occlusion'] });
	const absent = async (): Promise<never> => {
		throw new UserError('not here: rationale pull org/name');
	};
	const [setting] = await estimateStudy({
		path: join(study.folder, 'small.yaml'),
		source: { identify: absent, open: absent, describe: () => '' },
		now: () => 0,
	});
	expect(setting).toMatchObject({ cells: 8, weights: null, problem: 'not here: rationale pull org/name' });
	expect(setting?.steps[0]).toMatchObject({ step: 'predict', forward: 4, seconds: null });
	expect(setting?.steps[1]).toMatchObject({ step: 'occlusion', forward: 21, seconds: null });
});

it('takes other models in place of the study’s', async () => {
	study = await createSmallStudy();
	const settings = await estimateStudy({
		path: join(study.folder, 'small.yaml'),
		changes: { models: ['one', 'two'] },
		source: fakeSource(goodAndBad, []),
		now: () => 0,
	});
	expect(settings.map(({ model, cells }) => [model, cells])).toEqual([
		['one', 24],
		['two', 24],
	]);
});

it('counts every epoch of a fine-tuned model', async () => {
	study = await createSmallStudy();
	const file = { path: 'sentences.csv', text: 'text', label: 'label' };
	const dataset = { id: 'sentences', file, train: { path: 'x.csv' }, task: { instruction: 'Liked?' } };
	await study.write({
		models: ['fake', 'other'],
		datasets: [dataset],
		methods: ['attention'],
		finetune: { epochs: 2, models: ['fake'] },
	});
	const [tuned, plain] = await estimateStudy({
		path: join(study.folder, 'small.yaml'),
		source: fakeSource(goodAndBad, []),
		now: () => 0,
	});
	expect([tuned?.rounds, tuned?.cells, tuned?.steps[0]?.forward]).toEqual([3, 24, 12]);
	expect([plain?.rounds, plain?.cells, plain?.steps[0]?.forward]).toEqual([1, 8, 4]);
});
