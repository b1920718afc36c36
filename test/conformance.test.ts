/** What every method promises, whatever it computes: first on a linear model whose answers are known, then on a real one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Example, exampleWords } from '../src/core/example.ts';
import { seededRandom } from '../src/core/random.ts';
import { openModel } from '../src/llm/openModel.ts';
import type { LanguageModel } from '../src/llm/languageModel.ts';
import { type MethodId, methodIds, methods } from '../src/rationales/methods.ts';
import { datasetNamed } from '../src/datasets/datasets.ts';
import { defaultPerturbation } from '../src/explain/settings.ts';
import { type ExplainedExamples, explainExamples } from '../src/testing/explainExamples.ts';
import { methodProblems } from '../src/testing/methodProblems.ts';
import { toyExample, toyExamples, toyModel, toyTask } from '../src/testing/toyTask.ts';
import type { Attribution } from '../src/rationales/attribution.ts';

const [first] = toyExamples() as [Example];
/** The influence of each word of `text` on the difference. */
const influence = [0, 3, 0, 0, 2, 0, 0, -1, 0];

/** What the model answers when it is asked for words, by form. */
const answers: Partial<Record<MethodId, string>> = {
	'prompt.scores':
		'[["good", 9], ["fine", 6], ["bad", 0], ["a", 0], ["film", 0], ["of", 0], ["music", 0], ["yet", 0], ["sound", 0]]',
	'prompt.redact': 'a [REDACTED] film of [REDACTED] music yet bad sound',
	'prompt.counterfactual': 'a dull film of poor music yet bad sound',
};

const modelFor = (method: MethodId): LanguageModel => toyModel(answers[method]);

/** Log-odds make the model linear for methods that look at predictions. */
const linear = { perturbation: { ...defaultPerturbation, target: 'logodds_labels' as const } };

async function onToy(method: MethodId, examples: readonly Example[] = [first], seed = 1): Promise<ExplainedExamples> {
	return explainExamples(modelFor(method), toyTask, methods[method], examples, { ...linear, seed });
}

function attributionOf({ explanations }: ExplainedExamples, example = 0): Attribution {
	const found = explanations[example];
	if (found === undefined || 'missing' in found) throw new Error(found?.missing ?? 'nothing');
	return found.attribution;
}

/**
 * What a method must say about `text`: exact scores, their sizes, the shares of attention, scores that a ridge shrinks a
 * little, shares of which the best word has most, the best word alone, the words chosen, or the first of them.
 */
type Answer = 'influence' | 'size' | 'attention' | 'shrunk' | 'shares' | 'best' | 'chosen' | 'ranked' | 'first' | 'any';

const known: Readonly<Record<MethodId, Answer>> = {
	attention: 'attention',
	attention_rollout: 'attention',
	grad_attention: 'size',
	'saliency.l1': 'size',
	'saliency.l2': 'size',
	'input_x_gradient.dot': 'influence',
	'input_x_gradient.l2': 'size',
	integrated_gradients: 'influence',
	smooth_grad: 'size',
	gradient_shap: 'influence',
	cp_lrp: 'influence',
	attn_lrp: 'influence',
	gim: 'influence',
	alti_logit: 'influence',
	value_zeroing: 'attention',
	occlusion: 'influence',
	lime: 'shrunk',
	kernel_shap: 'influence',
	permutation_shap: 'influence',
	reagent: 'shares',
	'prompt.unbound': 'chosen',
	'prompt.top_k': 'chosen',
	'prompt.top_ratio': 'chosen',
	'prompt.constrained': 'first',
	'prompt.explain_first': 'chosen',
	'prompt.fresh': 'chosen',
	'prompt.scores': 'best',
	'prompt.redact': 'chosen',
	'prompt.counterfactual': 'chosen',
	human: 'chosen',
	random: 'any',
	'corrupted.0': 'ranked',
	'corrupted.25': 'any',
	'corrupted.50': 'any',
	'corrupted.75': 'any',
	'corrupted.100': 'any',
};

const check: Readonly<Record<Answer, (attribution: Attribution) => void>> = {
	influence: ({ scores }) => {
		for (const [word, value] of influence.entries()) expect(scores?.[word]).toBeCloseTo(value, 5);
	},
	size: ({ scores }) => expect(scores).toEqual(influence.map(Math.abs)),
	// The fake attends to a token as much as 1 + |its influence|.
	attention: ({ scores }) => {
		const unit = scores?.[0] ?? NaN;
		expect(unit).toBeGreaterThan(0);
		for (const [word, value] of influence.entries()) {
			expect((scores?.[word] ?? NaN) / unit).toBeCloseTo(1 + Math.abs(value), 5);
		}
	},
	// Of 1000 subsets with a mean weight of about 0.4, whose indicators have a variance of up to 0.25, alpha = 1 takes some
	// hundredths; what it takes from one word falls to others in parts.
	shrunk: ({ scores }) => {
		for (const [word, value] of influence.entries()) {
			expect(Math.abs((scores?.[word] ?? NaN) - value)).toBeLessThan(0.05 * 3);
			if (value !== 0) expect(Math.abs(scores?.[word] ?? NaN)).toBeLessThan(Math.abs(value));
		}
	},
	shares: (attribution) => {
		const { scores } = attribution;
		expect((scores ?? []).reduce<number>((sum, score) => sum + (score ?? NaN), 0)).toBeCloseTo(1, 9);
		for (const score of scores ?? []) expect(score).toBeGreaterThan(0);
		check.best(attribution);
	},
	best: ({ scores }) => expect(scores?.indexOf(Math.max(...(scores ?? []).map((score) => score ?? -Infinity)))).toBe(1),
	chosen: ({ own }) => expect((own ?? []).toSorted((a, b) => a - b)).toEqual([1, 4]),
	ranked: ({ scores }) => {
		const order = [...(scores ?? []).keys()].toSorted((a, b) => (scores?.[b] ?? 0) - (scores?.[a] ?? 0));
		expect(order.slice(0, 2).toSorted((a, b) => a - b)).toEqual([1, 4]);
	},
	// The fake takes words of its table first.
	first: ({ own }) => expect((own ?? []).slice(0, 3).toSorted((a, b) => a - b)).toEqual([1, 4, 7]),
	any: ({ scores, own }) => expect(scores ?? own).not.toBeNull(),
};

function expectWhole({ scores, own }: Attribution, wordCount: number): void {
	expect(scores ?? own).not.toBeNull();
	if (scores !== null) expect(scores).toHaveLength(wordCount);
	for (const score of scores ?? []) expect(score === null || Number.isFinite(score)).toBe(true);
	expect(new Set(own).size).toBe((own ?? []).length);
	for (const word of own ?? []) expect(word >= 0 && word < wordCount && Number.isInteger(word)).toBe(true);
}

describe.each(methodIds)('%s on a linear model', (id) => {
	it('keeps what every method promises', async () => {
		expect(await methodProblems(methods[id], answers[id])).toEqual([]);
	});

	it('finds the words that decide', async () => {
		const expectKnown = check[known[id]];
		expectKnown(attributionOf(await onToy(id)));
	});
});

it.each<MethodId>(['kernel_shap', 'permutation_shap'])('the scores of %s sum to v(all) - v(none)', async (id) => {
	const { scores } = attributionOf(await onToy(id));
	expect((scores ?? []).reduce<number>((sum, score) => sum + (score ?? 0), 0)).toBeCloseTo(4, 9);
});

it('reagent: one probe of one step, worked out', async () => {
	const few = { perturbation: { ...linear.perturbation, evaluations: 3 }, seed: 4 };
	const scores =
		attributionOf(await explainExamples(modelFor('reagent'), toyTask, methods['reagent'], [first], few)).scores ?? [];
	const random = seededRandom(4, 'first', 'reagent', 0);
	const begun = influence.map(() => random.next());
	const isReplaced = influence.map(() => random.next() < 0.3);
	// No token that is put in has influence, so the probability is that of the words that stay.
	const probability = (words: readonly number[]): number => 1 / (1 + Math.exp(-words.reduce((a, b) => a + b, 0)));
	const delta = probability(influence) - probability(influence.filter((_, word) => isReplaced[word] !== true));
	expect(Math.abs(delta)).toBeGreaterThan(1e-3);
	const logit = (share: number): number => Math.log(share / (1 - share));
	const importance = begun.map((value, word) => value + logit(0.5 + (isReplaced[word] === true ? 0.5 : -0.5) * delta));
	const total = importance.reduce((sum, value) => sum + Math.exp(value), 0);
	for (const [word, value] of importance.entries()) expect(scores[word]).toBeCloseTo(Math.exp(value) / total, 9);
});

it('random differs with the seed', async () => {
	expect(attributionOf(await onToy('random', [first], 2))).not.toEqual(attributionOf(await onToy('random')));
});

const short = toyExample('short', 'She fills teeth in a town.');
const longer = toyExample('longer', 'He writes prescriptions for insulin and listens to lungs, far from home.');

describe('on tiny-instruct', () => {
	const bios = datasetNamed('planted-bios', 'test').task;
	const few = { perturbation: { ...defaultPerturbation, evaluations: 80 } };
	let model: LanguageModel;
	beforeAll(async () => {
		model = await openModel('tiny-instruct');
	});
	afterAll(async () => model.close());

	it.each(methodIds.filter((id) => methods[id].kind !== 'reference'))(
		'%s is whole, repeatable and the same alone and in a batch',
		async (id) => {
			const together = await explainExamples(model, bios, methods[id], [longer, short], few);
			const alone = await explainExamples(model, bios, methods[id], [short], few);
			const [batched, single] = [attributionOf(together, 1), attributionOf(alone)];
			expectWhole(single, exampleWords(short).length);
			expect(batched.own).toEqual(single.own);
			const size = Math.max(1e-3, ...(single.scores ?? []).map((score) => Math.abs(score ?? 0)));
			for (const [word, score] of (single.scores ?? []).entries())
				expect(Math.abs((batched.scores?.[word] ?? 0) - (score ?? 0))).toBeLessThan(1e-3 * size);
			expect((await explainExamples(model, bios, methods[id], [short], few)).explanations).toEqual(alone.explanations);
		},
	);

	it.each([
		'"Hip, hip," she said (twice): hip!',
		'Ünïcödé 日本語 text — “quoted” words… and `code`, C:\\path',
		'a a a a',
		'He said: "I cannot list words."',
	])('prompt.constrained answers %j with words of it, each at most as often as it occurs', async (hard) => {
		const { explanations } = await explainExamples(model, bios, methods['prompt.constrained'], [
			toyExample('hard', hard),
		]);
		const [found] = explanations;
		if (found === undefined || 'missing' in found) throw new Error(found?.missing ?? 'nothing');
		expect(found.answer).toMatchObject({ status: 'ok', unmatched: [] });
		const listed = JSON.parse(found.answer?.raw ?? '') as string[];
		expect(listed.length).toBeGreaterThan(0);
		const bareWords = hard.split(/\s+/u).map((word) => word.replaceAll(/^\p{P}+|\p{P}+$/gu, ''));
		for (const word of new Set(listed)) {
			const times = bareWords.filter((own) => own === word).length;
			expect(listed.filter((own) => own === word).length).toBeLessThanOrEqual(times);
		}
		expect(found.attribution.own).toHaveLength(listed.length);
	});

	it('attribution from several passes is 0 outside the text and integrated gradients are complete', async () => {
		const { asked } = await explainExamples(model, bios, methods['random'], [longer]);
		const { ids, tokensOfWord, neutralToken } = asked[0]?.prompt ?? { ids: [], tokensOfWord: [], neutralToken: 0 };
		const explained = tokensOfWord.flat().toSorted((a, b) => a - b);
		const target = { tokens: [ids[0] ?? 0, ids[1] ?? 0], weights: [1, -1] };
		const prompt = { ids, target, explained, seed: 1 };
		const neutral = neutralToken ?? 0;
		const quadrature = { nodes: 16, nodeLimit: 128, tolerance: 0.02 };
		const [path] = await model.attributeByPasses([prompt], {
			kind: 'integratedGradients',
			neutralToken: neutral,
			...quadrature,
		});
		const [mean] = await model.attributeByPasses([prompt], {
			kind: 'gradientShap',
			samples: 8,
			baselines: [[neutral]],
		});
		for (const { scores } of [path, mean].filter((found) => found !== undefined)) {
			const outside = Array.from(scores).filter((_, position) => !explained.includes(position));
			expect(outside.every((score) => score === 0)).toBe(true);
		}
		expect(path?.diagnostics['completenessError']).toBeLessThan(0.02);
		const masked = ids.map((id, i) => (explained.includes(i) ? neutral : id));
		const sums = (await model.attribute([ids, masked], [target, target], ['cpLrp'])).map(({ cpLrp = [] }) =>
			Array.from(cpLrp).reduce((sum, score) => sum + score, 0),
		);
		const change = (sums[0] ?? NaN) - (sums[1] ?? NaN);
		const total = Array.from(path?.scores ?? []).reduce((sum, score) => sum + score, 0);
		expect(Math.abs(total - change)).toBeLessThan(0.03 * Math.abs(change));
	});
});
