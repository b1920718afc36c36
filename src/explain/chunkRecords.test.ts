import { expect, it } from 'vitest';
import { createFakeModel, type FakeModelOptions } from '../testing/fakeModel.ts';
import { chunkRecords, crashedChunk } from './chunkRecords.ts';
import { cellsOf } from './chunk.ts';
import { taskFormat } from './encodeExample.ts';
import { defaultPerturbation, type RationaleSettings } from './settings.ts';
import { chunkOf, likingTask } from './testChunks.ts';

const settings: RationaleSettings = {
	seed: 1,
	methods: ['input_x_gradient.dot', 'prompt.unbound'],
	selections: ['top_k', 'own'],
	topK: 1,
	maskings: ['space'],
	guidedBy: 'top_k',
	target: null,
	perturbation: defaultPerturbation,
	maxAnswerTokens: 40,
	controlDraws: 1,
	curve: [0.5],
	measures: ['flip_rate', 'log_odds'],
};
const head = { model: 'fake', dataset: 'd', split: 'test', epoch: null };
const texts = ['a good film', 'a bad film'];

async function recordsOf(changes: Partial<RationaleSettings> = {}, options: Partial<FakeModelOptions> = {}) {
	const model = createFakeModel({ weights: { good: { positive: 2 }, bad: { negative: 2 } }, ...options });
	const format = await taskFormat(model, likingTask);
	const context = { model, format, meanShare: null, settings: { ...settings, ...changes }, step: () => undefined };
	return { records: await chunkRecords(context, head, chunkOf(texts, 2)), model };
}

it('returns a record per cell, in the order of the plan', async () => {
	const { records } = await recordsOf();
	expect(records.map(({ cell }) => cell)).toEqual(cellsOf(chunkOf(texts, 2)));
	expect(records.map(({ kind }) => kind)).toEqual([
		'prediction',
		'rationale',
		'rationale',
		'prediction',
		'rationale',
		'rationale',
	]);
});

it('keeps what the chosen words do, and the answers that measures need by name', async () => {
	const [, linear] = (await recordsOf()).records;
	if (linear?.kind !== 'rationale') throw new Error('no rationale');
	expect(linear.scores?.map((score) => (score ?? 0) > 0)).toEqual([false, true, false]);
	// "own" is for methods that choose words themselves.
	expect(linear.selections).toMatchObject([{ selection: 'top_k', words: [1], masked: { space: 'positive' } }]);
	expect(linear.curve).toHaveLength(1);
	expect(Object.keys(linear.answers?.['space'] ?? {})).toEqual(['masked 0.2']);
	expect(linear.answers?.['space']?.['masked 0.2']).toMatchObject({ probabilities: { positive: 0.5, negative: 0.5 } });
	expect(linear.selections[0]).not.toHaveProperty('answers');
});

it('asks about each different masked prompt once, in one call', async () => {
	const { model } = await recordsOf();
	const alone = await recordsOf({ curve: [], measures: ['flip_rate'], controlDraws: 0 });
	// Without the deciding word, which both methods choose, both texts are the same one.
	expect(alone.model.calls).toMatchObject({ scoreLabels: 2, scoredPrompts: 2 + 1 });
	expect(model.calls.scoreLabels).toBe(2);
});

it('an example without a label has a skipped record, and missing rationales', async () => {
	const problems = { good: { kind: 'refused' as const, detail: 'the answer was empty' } };
	const { records } = await recordsOf({}, { problems });
	expect(records.slice(0, 3)).toMatchObject([
		{ kind: 'skipped', problem: 'refused', cell: 'p0' },
		{ kind: 'rationale', missing: 'no prediction: the answer was empty', selections: [] },
		{ kind: 'rationale', missing: 'no prediction: the answer was empty', selections: [] },
	]);
	expect(records[3]).toMatchObject({ kind: 'prediction', prediction: 'negative' });
});

it('equal inputs give equal records', async () => {
	const { records } = await recordsOf();
	expect((await recordsOf()).records).toEqual(records);
});

it('a crash leaves a record in every cell, to be tried again', () => {
	const records = crashedChunk(settings, head, chunkOf(texts, 2), 'the engine ended');
	expect(records.map(({ cell }) => cell)).toEqual(cellsOf(chunkOf(texts, 2)));
	expect(records.every(({ crashed }) => crashed === true)).toBe(true);
});

/** Thinks of the words that it reads, and says a label by what it thought. */
const thinking: Partial<FakeModelOptions> = {
	weights: { great: { positive: 9 }, awful: { negative: 9 }, good: { positive: 1 }, bad: { negative: 1 } },
	answer: (prompt) => `<think>${prompt.includes('good') ? 'great' : 'awful'}</think>\nlabel`,
};

async function thoughtfulRecords(masked: 'anew' | 'kept') {
	const model = createFakeModel({ weights: {}, ...thinking });
	const format = await taskFormat(model, { ...likingTask, reasoning: { tokens: 20, masked } });
	const context = { model, format, meanShare: null, settings, step: () => undefined };
	const [prediction, linear] = await chunkRecords(context, head, chunkOf(['a good film'], 2));
	if (prediction?.kind !== 'prediction' || linear?.kind !== 'rationale') throw new Error('no prediction');
	return { prediction, linear };
}

it('a label is said after a thought, which is kept; attribution reads both', async () => {
	const { prediction, linear } = await thoughtfulRecords('anew');
	expect(prediction).toMatchObject({ prediction: 'positive', thought: 'great' });
	expect(prediction.probabilities['positive']).toBeGreaterThan(0.999);
	expect(linear.scores).toHaveLength(3);
	expect(linear.selections).toMatchObject([{ words: [1] }]);
});

it('about masked texts the model thinks anew, or its thought stays', async () => {
	const anew = await thoughtfulRecords('anew');
	expect(anew.linear.selections[0]?.masked).toEqual({ space: 'negative' });
	const kept = await thoughtfulRecords('kept');
	expect(kept.linear.selections[0]?.masked).toEqual({ space: 'positive' });
	expect(kept.prediction).toEqual(anew.prediction);
});
