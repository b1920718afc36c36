import { expect, it } from 'vitest';
import { createFakeModel, type FakeModelOptions } from '../testing/fakeModel.ts';
import { segmentOf } from '../core/example.ts';
import { chunkOf, likingTask } from './testChunks.ts';
import { classify } from './classify.ts';
import { taskFormat } from './encodeExample.ts';

const weights = { good: { positive: 2 }, bad: { negative: 2 } };

async function outcomesOf(options: Partial<FakeModelOptions>, texts: readonly string[]) {
	const model = createFakeModel({ weights, ...options });
	const steps: string[] = [];
	const taskModel = { model, format: await taskFormat(model, likingTask), step: (phase: string) => steps.push(phase) };
	return { outcomes: await classify(taskModel, chunkOf(texts)), model, steps };
}

it('asks about all texts of a chunk in one call and returns the most probable label of each', async () => {
	const { outcomes, model, steps } = await outcomesOf({}, ['a good film', 'a bad film']);
	expect(outcomes.map((outcome) => ('predicted' in outcome ? outcome.predicted : null))).toEqual([0, 1]);
	expect(model.calls).toMatchObject({ scoreLabels: 1, scoredPrompts: 2 });
	expect(steps).toEqual(['predict']);
});

it('says why a text has no label, and still answers for the others', async () => {
	const refused = { broken: { kind: 'refused' as const, detail: 'the answer was empty' } };
	const { outcomes } = await outcomesOf({ problems: refused }, ['a broken film', 'a good film']);
	expect(outcomes[0]).toEqual({ skipped: 'the answer was empty', problem: 'refused' });
	expect(outcomes[1]).toMatchObject({ predicted: 0 });
});

it('does not ask about a text that is too long', async () => {
	const long = segmentOf('text', 'word '.repeat(200)).text;
	const { outcomes, model } = await outcomesOf({ contextLength: 100 }, [long, 'a good film']);
	expect(outcomes[0]).toMatchObject({ problem: 'too_long' });
	expect(model.calls.scoredPrompts).toBe(1);
});
