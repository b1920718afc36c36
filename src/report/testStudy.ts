/** A made-up study of realistic size with plausible numbers, for looking at the report and for its size test. */
import type { MethodDeclaration } from '../core/declarations.ts';
import { segmentOf } from '../core/example.ts';
import { itemAt } from '../core/present.ts';
import { type Random, seededRandom } from '../core/random.ts';
import type { PredictionRecord, RationaleRecord, StudyRecord } from '../records/records.ts';
import type { ReportInput } from './reportInput.ts';
import { curveRows, testInput, testMethods, testMetrics, testRow } from './testInput.ts';
import type { AnswerRates, SettingVerdict, SummaryRow } from '../records/summaryRows.ts';

interface FakeDataset {
	readonly id: string;
	readonly title: string;
	readonly labels: readonly string[];
	readonly segments: readonly { readonly name: string; readonly words: number }[];
}

const allDatasets: readonly FakeDataset[] = [
	{
		id: 'esnli',
		title: 'e-SNLI',
		labels: ['entailment', 'neutral', 'contradiction'],
		segments: [
			{ name: 'premise', words: 14 },
			{ name: 'hypothesis', words: 8 },
		],
	},
	{
		id: 'fever',
		title: 'FEVER',
		labels: ['supports', 'refutes'],
		segments: [
			{ name: 'claim', words: 9 },
			{ name: 'evidence', words: 180 },
		],
	},
	{
		id: 'medical-bios',
		title: 'MedicalBios',
		labels: ['surgeon', 'nurse', 'dentist', 'physician', 'psychologist'],
		segments: [{ name: 'text', words: 60 }],
	},
];

const models = ['llama-3-8b-instruct', 'mistral-7b-instruct'];

const strengths: Readonly<Record<string, number>> = {
	attention: 0.15,
	'saliency.l2': 0.3,
	'input_x_gradient.dot': 0.22,
	attn_lrp: 0.62,
	'prompt.unbound': 0.55,
	'prompt.top_k': 0.58,
	random: 0,
	human: 1,
	integrated_gradients: 0.4,
};

const method = (id: string, title: string, change: Partial<MethodDeclaration> = {}): MethodDeclaration => ({
	...(testMethods[0] as MethodDeclaration),
	id,
	title,
	needs: 'gradients',
	...change,
});

const asked = { family: 'prompting', aggregation: null, needs: 'generation' } as const;

const allMethods: readonly MethodDeclaration[] = [
	method('attention', 'Attention', { needs: 'attention', source: 'Jain & Wallace 2019' }),
	method('saliency.l2', 'Saliency (L2)', { source: 'Simonyan et al. 2014' }),
	method('input_x_gradient.dot', 'Input × gradient', { signed: true, source: 'Denil et al. 2014' }),
	method('integrated_gradients', 'Integrated gradients', { signed: true, source: 'Sundararajan et al. 2017, eq. 1' }),
	method('attn_lrp', 'AttnLRP', { signed: true, source: 'Achtibat et al. 2024' }),
	method('prompt.unbound', 'Prompt, any number', { ...asked, source: 'Fayyaz et al. 2024' }),
	method('prompt.top_k', 'Prompt, k words', { ...asked, source: 'Fayyaz et al. 2024' }),
	method('random', 'Random words', { family: 'reference', needs: 'nothing' }),
	method('human', 'Human', { family: 'reference', needs: 'annotations', aggregation: null }),
];

const vocabulary =
	'a the man woman child dog is was are standing walking near old street with and of in on at hospital patients care surgery practice years played guitar river team city born film company first known after before music hip replacement children red jacket running outside people two young'.split(
		' ',
	);

export interface TestStudyOptions {
	/** Of each dataset. */
	readonly examples?: number;
	/** Of each segment, at most. */
	readonly words?: number;
	/** Ids; all when left out. */
	readonly methods?: readonly string[];
	/** Ids; all when left out. */
	readonly datasets?: readonly string[];
}

/** Returns the study: 2 models x 3 datasets x 9 methods. */
export function testStudy({ examples = 40, words = Infinity, ...ids }: TestStudyOptions = {}): ReportInput {
	const methods = allMethods.filter(({ id }) => ids.methods?.includes(id) ?? true);
	const datasets = allDatasets
		.filter(({ id }) => ids.datasets?.includes(id) ?? true)
		.map((dataset) => ({
			...dataset,
			segments: dataset.segments.map((segment) => ({ ...segment, words: Math.min(words, segment.words) })),
		}));
	const settings = datasets.flatMap((dataset) => models.map((model) => ({ dataset, model })));
	const base = testInput();
	return {
		...base,
		study: {
			...base.study,
			name: 'Human alignment and faithfulness, three tasks',
			methods,
			metrics: testMetrics,
			models: models.map((id) => ({ id, description: '32 layers, 4096 wide, BF16' })),
			datasets: datasets.map(({ id, title }) => ({ id, title, n: 300 })),
		},
		summary: {
			schema: 1,
			study: base.study.name,
			rows: settings.flatMap(({ dataset, model }) => fakeRows(dataset, model, methods)),
		},
		records: settings.flatMap(({ dataset, model }) => fakeRecords(dataset, model, methods, examples)),
		verdicts: settings.map(({ dataset, model }) => fakeVerdict(dataset, model)),
		answerRates: settings.flatMap(({ dataset, model }) => fakeRates(dataset, model, methods)),
	};
}

const isFlat = (dataset: FakeDataset, model: string): boolean => dataset.id === 'fever' && model.startsWith('mistral');

function fakeVerdict(dataset: FakeDataset, model: string): SettingVerdict {
	const key = { model, dataset: dataset.id, epoch: null };
	if (isFlat(dataset, model)) {
		return {
			...key,
			level: 'not evaluable',
			reasons: ['one label takes 0.96 of the predictions', 'accuracy is not above the share of the largest gold label'],
		};
	}
	return dataset.id === 'esnli' && model.startsWith('mistral')
		? {
				...key,
				level: 'with care',
				reasons: ['random words of the same number flip 0.51 of the predictions: the masking is destructive'],
			}
		: { ...key, level: 'evaluable', reasons: [] };
}

function fakeRates(dataset: FakeDataset, model: string, methods: readonly MethodDeclaration[]): AnswerRates[] {
	const random = seededRandom('rates', dataset.id, model);
	return methods
		.filter(({ family }) => family === 'prompting')
		.map(({ id }) => {
			const [partial, empty, none] = [random.integer(40), random.integer(10), random.integer(25)];
			const counts = { ok: 300 - partial - empty - none, partial, empty_match: empty, no_rationale: none };
			return {
				model,
				epoch: null,
				dataset: dataset.id,
				method: id,
				wrongLength: id === 'prompt.top_k' ? random.integer(90) : 0,
				counts,
			};
		});
}

const namesWords = ({ id, family }: MethodDeclaration): boolean => family === 'prompting' || id === 'human';

const selectionsOf = (method: MethodDeclaration): string[] => (namesWords(method) ? ['own'] : ['top_var', 'top_ratio']);

function fakeRows(dataset: FakeDataset, model: string, methods: readonly MethodDeclaration[]): SummaryRow[] {
	const random = seededRandom('rows', dataset.id, model);
	const flat = isFlat(dataset, model);
	const key = { model, dataset: dataset.id, n: 300 };
	const near = (value: number): Pick<SummaryRow, 'value' | 'ci95'> => ({
		value,
		ci95: [Math.max(0, value - 0.04), Math.min(1, value + 0.05)],
	});
	const accuracy = flat ? 0.51 : 0.72 + random.next() * 0.15;
	const majority = flat ? 0.96 : 1.15 / dataset.labels.length;
	const cells = methods.flatMap((declaration) =>
		selectionsOf(declaration).map((selection) => ({ method: declaration.id, selection })),
	);
	return [
		testRow({ ...key, ...near(accuracy) }),
		testRow({ ...key, metric: 'majority_share', ...near(majority) }),
		testRow({ ...key, metric: 'label_mass', ...near(flat ? 0.31 : 0.94), chance: null }),
		...cells.flatMap((cell): SummaryRow[] => {
			const strength = (strengths[cell.method] ?? 0) * (0.8 + random.next() * 0.4);
			const missing = cell.selection === 'own' && cell.method !== 'human' ? 12 : 0;
			const alignment = { ...key, ...cell, n: 300 - missing, missing, ...near(0.2 + 0.5 * strength), chance: 0.2 };
			const flips = ['neutral', 'delete'].flatMap((masking) =>
				(['all', 'correct', 'incorrect'] as const).flatMap((subset) => {
					const value = flat ? 0.01 * random.next() : 0.1 + 0.4 * strength;
					const at = { ...key, ...cell, masking, subset, n: { all: 300, correct: 243, incorrect: 57 }[subset] };
					const chance = flat ? 0.005 : 0.1;
					return [
						testRow({ ...at, metric: 'flip_rate', ...near(value), chance }),
						testRow({
							...at,
							metric: 'flip_rate.excess',
							value: value - chance,
							ci95: [value - chance - 0.05, value - chance + 0.05],
						}),
					];
				}),
			);
			return cell.method === 'human'
				? flips
				: [
						testRow({ ...alignment, metric: 'token_f1.macro' }),
						testRow({ ...alignment, metric: 'auroc', chance: 0.5 }),
						...flips,
					];
		}),
		...methods
			.filter((declaration) => !namesWords(declaration))
			.flatMap(({ id }) => curveRows(id, 0.3 + 0.6 * (strengths[id] ?? 0), { ...key, ...(flat ? voided : {}) })),
	];
}

const voided = { value: null, ci95: null, chance: null, evaluable: 'no' } as const;

function fakeRecords(
	dataset: FakeDataset,
	model: string,
	methods: readonly MethodDeclaration[],
	examples: number,
): StudyRecord[] {
	return Array.from({ length: examples }, (_, i) => i).flatMap((i) => {
		const random = seededRandom('records', dataset.id, model, i);
		const prediction = fakePrediction(dataset, model, i, random);
		return [prediction, ...methods.map((declaration) => fakeRationale(dataset, prediction, declaration, random))];
	});
}

function fakePrediction(dataset: FakeDataset, model: string, i: number, random: Random): PredictionRecord {
	const text = seededRandom('text', dataset.id, i);
	const gold = text.pick(dataset.labels);
	const prediction = isFlat(dataset, model)
		? itemAt(dataset.labels, 0)
		: random.next() < 0.8
			? gold
			: random.pick(dataset.labels);
	const segments = dataset.segments.map(({ name, words }) =>
		segmentOf(name, `${Array.from({ length: words }, () => text.pick(vocabulary)).join(' ')}.`),
	);
	const count = segments.reduce((sum, segment) => sum + segment.words.length, 0);
	const numbers = Array.from({ length: count }, (_, word) => word);
	return {
		cell: 'c',
		kind: 'prediction',
		model,
		dataset: dataset.id,
		split: 'test',
		epoch: null,
		example: `${i + 1}`,
		segments,
		gold,
		prediction,
		mass: 0.97,
		tokens: count + 40,
		wordsWithoutTokens: 0,
		probabilities: Object.fromEntries(
			dataset.labels.map((label) => [label, label === prediction ? 0.83 : 0.17 / (dataset.labels.length - 1)]),
		),
		annotations: [text.sample(numbers, Math.ceil(count * 0.15)).toSorted((a, b) => a - b)],
	};
}

function fakeRationale(
	dataset: FakeDataset,
	prediction: PredictionRecord,
	declaration: MethodDeclaration,
	random: Random,
): RationaleRecord {
	const { id, family, signed } = declaration;
	const [gold = []] = prediction.annotations;
	const count = prediction.tokens - 40;
	const scores = Array.from(
		{ length: count },
		(_, word) => (gold.includes(word) ? (strengths[id] ?? 0) : 0) + random.next() ** 3 - (signed ? 0.2 : 0),
	);
	const words = scores
		.map((score, word) => ({ score, word }))
		.toSorted((a, b) => b.score - a.score)
		.slice(0, gold.length)
		.map(({ word }) => word);
	const label = (chance: number): string =>
		random.next() < chance && !isFlat(dataset, prediction.model) ? random.pick(dataset.labels) : prediction.prediction;
	const draws = (): string[] => Array.from({ length: 3 }, () => label(0.15));
	const asksWords = family === 'prompting';
	const onlyWords = namesWords(declaration);
	return {
		cell: 'c',
		kind: 'rationale',
		model: prediction.model,
		dataset: dataset.id,
		split: 'test',
		epoch: null,
		example: prediction.example,
		method: id,
		scores: onlyWords ? null : scores,
		missing: null,
		answer: asksWords
			? {
					raw: '["hip", "replacement"]',
					status: 'ok',
					wrongLength: false,
					unmatched: random.next() < 0.2 ? ['clinic'] : [],
				}
			: null,
		selections: [
			{
				selection: onlyWords ? 'own' : 'top_var',
				words: words.toSorted((a, b) => a - b),
				ties: 0,
				masked: { neutral: label(strengths[id] ?? 0), delete: label(strengths[id] ?? 0) },
				control: { neutral: draws(), delete: draws() },
			},
		],
		curve: onlyWords
			? null
			: [0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1].map((share) => ({
					share,
					label: label(Math.min(0.9, (0.3 + (strengths[id] ?? 0)) * share ** 0.6)),
				})),
	};
}
