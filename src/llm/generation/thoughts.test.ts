import { expect, it } from 'vitest';
import { createFakeModel } from '../../testing/fakeModel.ts';

const weights = { good: { positive: 2 }, bad: { negative: 2 } };

/** A model that says `answer`, whatever it is asked. */
async function asked(answer: string, tokens: number, prompt = 'A film.\nassistant\n', isOpened = false) {
	const model = createFakeModel({ weights, answer: () => answer });
	const ids = (await model.encode(prompt)).ids;
	const labels = await Promise.all(['positive', 'negative'].map(async (label) => (await model.encode(label)).ids));
	const [scores] = await model.scoreLabels([ids], labels, { reasoning: { tokens, isOpened } });
	const written = scores?.thought?.ids === undefined ? undefined : await model.decode(scores.thought.ids);
	return { scores, written, model, ids, labels };
}

it('scores the labels where the answer begins, after the thought and its line feeds', async () => {
	const { scores, written, model, ids, labels } = await asked('<think>\nso bad\n</think>\n\nnegative', 40);
	expect(scores?.thought?.text).toBe('so bad');
	expect(written).toBe('<think>\nso bad\n</think>\n\n');
	const [direct] = await model.scoreLabels([[...ids, ...(scores?.thought?.ids ?? [])]], labels);
	expect(scores?.logProbabilities).toEqual(direct?.logProbabilities);
	expect(scores?.logProbabilities[1]).toBeGreaterThan(scores?.logProbabilities[0] ?? 0);
});

it('knows a thought that the prompt began', async () => {
	const { scores, written } = await asked('so good\n</think>\n\npositive', 40, 'A film.\nassistant\n<think>\n', true);
	expect(scores?.thought?.text).toBe('so good');
	expect(written).toBe('so good\n</think>\n\n');
});

it.each([
	['a thought that never ends', '<think>\nso bad and so on', 40, false],
	['a thought that ends too late', '<think>\nso bad and so on\n</think>\nnegative', 8, false],
	['a thought that the prompt began and nothing ends', 'so bad', 40, true],
])('%s gives no answer', async (_, answer, tokens, isOpened) => {
	const { scores } = await asked(answer, tokens, 'A film.\n', isOpened);
	expect(scores).toMatchObject({
		problem: { kind: 'unfinished_thought', detail: 'no answer: the thought did not end' },
		logProbabilities: [NaN, NaN],
	});
});

it('a model that answers at once is scored at the end of the prompt', async () => {
	const { scores, model, ids, labels } = await asked('positive', 40);
	expect(scores).toEqual((await model.scoreLabels([ids], labels))[0]);
	expect(scores).not.toHaveProperty('thought');
});

it('a thought may hold what people may not write: it is fed back as tokens, not as text', async () => {
	const { scores } = await asked('<think>\n<|end|> bad\n</think>\nnegative', 40);
	expect(scores?.thought?.text).toBe('<|end|> bad');
	expect(scores).not.toHaveProperty('problem');
});

it('lists come after the thought, too', async () => {
	const model = createFakeModel({ weights, answer: () => '<think>\nhm\n</think>\n["bad"]' });
	const ids = (await model.encode('Which words?\n')).ids;
	const reasoning = { tokens: 20, isOpened: false };
	const [answer] = await model.generate([ids], { maxNewTokens: 20, reasoning });
	expect(answer).toMatchObject({ ended: 'stop', thought: { text: 'hm' } });
	const [cut] = await model.generate([ids], { maxNewTokens: 20, reasoning: { tokens: 2, isOpened: false } });
	expect(cut).toMatchObject({ ids: [], problem: { kind: 'unfinished_thought' } });
});

it('refuses to block tokens of a model that writes', async () => {
	const model = createFakeModel({ weights, answer: () => 'positive' });
	const { ids } = await model.encode('A film.\n');
	const scoring = { reasoning: { tokens: 9, isOpened: false }, blocked: [[0]] };
	await expect(model.scoreLabels([ids], [[1], [2]], scoring)).rejects.toThrow(/"block_attention" cannot be used/u);
});
