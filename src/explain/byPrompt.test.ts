import { describe, expect, it } from 'vitest';
import { createFakeModel } from '../testing/fakeModel.ts';
import { type Example, segmentOf } from '../core/example.ts';
import type { Task } from '../core/task.ts';
import type { LanguageModel } from '../llm/languageModel.ts';
import { methods, type MethodId } from '../rationales/methods.ts';
import { explain } from './explain.ts';
import { encodeExample, taskFormat } from './encodeExample.ts';
import { defaultPerturbation, type RationaleSettings } from './settings.ts';
import type { ClassifiedExample, ExplainContext } from './context.ts';

const task: Task = {
	...{ id: 't', instruction: 'Liked?', segmentTitles: { text: 'Text' }, labels: ['positive', 'negative'] },
	verbalizers: { positive: 'positive', negative: 'negative' },
};

const weights = { good: { positive: 2 }, bad: { negative: 3 }, awful: { negative: 1 } };

const settings: RationaleSettings = {
	...{ seed: 1, methods: [], selections: ['own'], maskings: ['delete'], topK: 2, guidedBy: 'top_k', target: null },
	...{ maxAnswerTokens: 40, controlDraws: 0, curve: [], measures: ['flip_rate'], perturbation: defaultPerturbation },
};

const exampleOf = (text: string): Example => ({
	...{ id: 'e', segments: [segmentOf('text', text)], label: null, annotations: [] },
});

/** Returns what a method says of a text. */
async function explained(
	model: LanguageModel,
	method: MethodId,
	text: string,
	changes: Partial<RationaleSettings> = {},
) {
	const format = await taskFormat(model, task);
	const prepared = await encodeExample(model, format, exampleOf(text));
	if ('skipped' in prepared) throw new Error(prepared.skipped);
	const labels = format.labels.map(({ tokens }) => tokens);
	const [scores] = await model.scoreLabels([prepared.prompt.ids], labels);
	const logProbabilities = scores?.logProbabilities ?? [];
	const predicted = logProbabilities.indexOf(Math.max(...logProbabilities));
	const asked: ClassifiedExample = { ...prepared, predicted, logProbabilities, mass: scores?.mass ?? 0 };
	const context: ExplainContext = {
		model,
		format,
		meanShare: 0.5,
		settings: { ...settings, ...changes },
		step: () => undefined,
	};
	const [[explanation] = []] = await explain(context, [methods[method]], [asked]);
	if (explanation === undefined) throw new Error('nothing was computed');
	return explanation;
}

it('prompt.constrained lists words of the text only, and knows their places', async () => {
	const found = await explained(
		createFakeModel({ weights }),
		'prompt.constrained',
		'A bad film, a Bad, bad, awful film.',
	);
	if ('missing' in found) throw new Error(found.missing);
	const own = found.attribution.own ?? [];
	expect(own[0]).toBe(6);
	expect(own.indexOf(1)).toBeLessThan(own.indexOf(5));
	expect(own.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
	expect(found.attribution.scores?.[6]).toBe(1);
	expect(found.answer).toMatchObject({ status: 'ok', wrongLength: false, unmatched: [] });
	expect(found.diagnostics).toEqual({ unspellableWords: 0 });
});

it('prompt.explain_first keeps the label of its answer beside it', async () => {
	const model = createFakeModel({ weights, answer: () => '["bad"]\nnegative' });
	const found = await explained(model, 'prompt.explain_first', 'A bad film');
	expect(found).toMatchObject({ attribution: { own: [1] }, answer: { status: 'ok', label: 'negative' } });
});

it('prompt.top_ratio asks for the mean share of annotated words, whatever the study asks of prompt.top_k', async () => {
	const model = createFakeModel({ weights, answer: (prompt) => (prompt.includes('the 4 words') ? '["bad"]' : '[]') });
	const found = await explained(model, 'prompt.top_ratio', 'A bad film, a very bad sad one');
	expect(found).toMatchObject({ attribution: { own: [1, 5] }, answer: { wrongLength: true } });
});

it('prompt.counterfactual asks for the most probable other label', async () => {
	const answer = (prompt: string) => (prompt.includes('becomes: positive') ? 'A good film' : '');
	const found = await explained(createFakeModel({ weights, answer }), 'prompt.counterfactual', 'A bad film');
	expect(found).toMatchObject({ attribution: { own: [1], scores: null }, answer: { status: 'ok' } });
});

it('prompt.constrained is missing where no word fits into the answer', async () => {
	const model = createFakeModel({ weights });
	expect(await explained(model, 'prompt.constrained', 'A bad film', { maxAnswerTokens: 4 })).toHaveProperty('missing');
});

describe('a thought before the answer', () => {
	const text = 'A bad film';

	it('is kept in the answer, and nothing is read from it', async () => {
		const raw = '<think>\n- film\n</think>\n["bad"]\nnegative';
		const found = await explained(createFakeModel({ weights, answer: () => raw }), 'prompt.explain_first', text);
		expect(found).toMatchObject({ attribution: { own: [1] }, answer: { raw, status: 'ok', label: 'negative' } });
	});

	it('is no answer where it does not end', async () => {
		const model = createFakeModel({ weights, answer: () => '<think>\nThe words are "film" and' });
		const found = await explained(model, 'prompt.unbound', text);
		expect(found).toMatchObject({ missing: 'no answer: the thought did not end' });
	});
});
