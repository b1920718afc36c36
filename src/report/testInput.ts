/** A small study made by hand, for tests: one model that can be judged and one that has collapsed. */
import type { MethodDeclaration, MetricDeclaration } from '../core/declarations.ts';
import { segmentOf } from '../core/example.ts';
import type { PredictionRecord, RationaleRecord } from '../records/records.ts';
import type { ReportInput } from './reportInput.ts';
import type { MaskingAgreement, SummaryComparison, SummaryRow } from '../records/summaryRows.ts';

const common = { signed: false, targetSpecific: true, aggregation: 'sum', source: 'a paper, equation 1' } as const;

export const testMethods: readonly MethodDeclaration[] = [
	{ ...common, id: 'attention', title: 'Attention', family: 'attribution', needs: 'attention', targetSpecific: false },
	{ ...common, id: 'attn_lrp', title: 'AttnLRP', family: 'attribution', needs: 'gradients', signed: true },
	{
		...common,
		id: 'prompt.unbound',
		title: 'Prompt, unbound',
		family: 'prompting',
		needs: 'generation',
		aggregation: null,
	},
	{ ...common, id: 'random', title: 'Random words', family: 'reference', needs: 'nothing' },
	{ ...common, id: 'human', title: 'Human', family: 'reference', needs: 'annotations', aggregation: null },
];

const metric = { range: [0, 1], better: 'higher', judges: 'chosen', source: 'a paper, section 2' } as const;

export const testMetrics: readonly MetricDeclaration[] = [
	{ ...metric, id: 'accuracy', title: 'Accuracy', family: 'prediction', needs: 'predictions' },
	{
		...metric,
		id: 'majority_share',
		title: 'Largest label share',
		family: 'prediction',
		better: 'neither',
		needs: 'predictions',
	},
	{
		...metric,
		id: 'label_mass',
		title: 'Probability of the labels together',
		family: 'prediction',
		needs: 'predictions',
	},
	{ ...metric, id: 'token_f1.macro', title: 'Token F1', family: 'alignment', needs: 'annotations' },
	{ ...metric, id: 'auroc', title: 'AUROC', family: 'alignment', needs: 'annotations' },
	{ ...metric, id: 'flip_rate', title: 'Flip rate', family: 'faithfulness', needs: 'masking' },
	{
		...metric,
		id: 'flip_rate.excess',
		title: 'Excess flip rate',
		family: 'faithfulness',
		range: [-1, 1],
		needs: 'masking',
	},
	{
		...metric,
		id: 'tau_loo',
		title: 'Agreement with leave-one-out',
		family: 'faithfulness',
		range: [-1, 1],
		needs: 'masking',
	},
];

/** Returns a summary row of `tiny` on `bios`, changed by `change`. */
export function testRow(change: Partial<SummaryRow>): SummaryRow {
	return {
		model: 'tiny',
		dataset: 'bios',
		split: 'test',
		epoch: null,
		method: null,
		selection: null,
		subset: 'all',
		metric: 'accuracy',
		value: 0.5,
		ci95: [0.4, 0.6],
		n: 100,
		missing: 0,
		chance: null,
		masking: null,
		evaluable: null,
		note: null,
		...change,
	};
}

function alignmentRow(method: string, selection: string, value: number, change: Partial<SummaryRow> = {}): SummaryRow {
	const ci95 = [value - 0.05, value + 0.05] as const;
	return testRow({ metric: 'token_f1.macro', method, selection, value, ci95, chance: 0.2, ...change });
}

function flipRows(method: string, selection: string, value: number, change: Partial<SummaryRow> = {}): SummaryRow[] {
	const key = { method, selection, masking: 'neutral', ...change };
	return [
		testRow({ ...key, metric: 'flip_rate', value, ci95: [value - 0.06, value + 0.06], chance: 0.1 }),
		testRow({ ...key, metric: 'flip_rate.excess', value: value - 0.1, ci95: [value - 0.18, value - 0.02] }),
	];
}

/** From nothing masked to every word. */
export function curveRows(method: string, most: number, change: Partial<SummaryRow> = {}): SummaryRow[] {
	return [0, 0.1, 0.5, 1].map((share) => {
		const value = most * share ** 0.5;
		const ci95 = [Math.max(0, value - 0.05), value + 0.05] as const;
		return testRow({
			metric: 'flip_curve',
			method,
			masking: 'neutral',
			share,
			value,
			ci95,
			chance: 0.6 * share ** 0.5,
			...change,
		});
	});
}

const collapsed = {
	model: 'flat',
	evaluable: 'no' as const,
	note: 'not evaluable: one label takes 0.97 of the predictions',
};

const rows: readonly SummaryRow[] = [
	testRow({ value: 0.81, ci95: [0.73, 0.88] }),
	testRow({ metric: 'majority_share', value: 0.4, ci95: [0.31, 0.5] }),
	alignmentRow('attention', 'top_var', 0.25),
	alignmentRow('attn_lrp', 'top_var', 0.55),
	alignmentRow('attn_lrp', 'top_var', 0.6, { subset: 'correct', n: 81 }),
	alignmentRow('prompt.unbound', 'own', 0.48, { n: 94, missing: 6 }),
	alignmentRow('random', 'top_var', 0.2),
	testRow({ metric: 'auroc', method: 'attention', value: null, ci95: null, note: 'no annotation marks every word' }),
	...flipRows('attention', 'top_var', 0.12),
	...flipRows('attn_lrp', 'top_var', 0.42),
	...flipRows('attn_lrp', 'top_var', 0.4, { subset: 'correct', n: 81 }),
	...flipRows('attn_lrp', 'top_var', 0.31, { masking: 'delete' }),
	...flipRows('prompt.unbound', 'own', 0.3),
	...flipRows('human', 'own', 0.35),
	...curveRows('attn_lrp', 0.7),
	...curveRows('random', 0.6),
	testRow({ metric: 'tau_loo', method: 'attention', value: -0.034, ci95: [-0.1, 0.03], masking: 'neutral' }),
	testRow({ model: 'flat', value: 0.34, ci95: [0.25, 0.44] }),
	testRow({ model: 'flat', metric: 'majority_share', value: 0.97, ci95: [0.93, 1] }),
	alignmentRow('attention', 'top_var', 0.22, { model: 'flat' }),
	alignmentRow('prompt.unbound', 'own', 0, {
		model: 'flat',
		value: null,
		ci95: null,
		n: 0,
		missing: 100,
		note: 'no answer could be read',
	}),
	...flipRows('attention', 'top_var', 0.01, collapsed),
	...curveRows('attention', 0.7, { ...collapsed, value: null, ci95: null, chance: null }),
];

const place = { model: 'tiny', dataset: 'bios', split: 'test', epoch: null };

const comparisons: readonly SummaryComparison[] = [
	{
		...place,
		selection: 'top_var',
		subset: 'all',
		metric: 'token_f1.macro',
		masking: null,
		first: 'attn_lrp',
		second: 'attention',
		difference: 0.3,
		ci95: [0.21, 0.38],
		p: 0.001,
		pHolm: 0.003,
		effectSize: 0.7,
		needed: 17,
		n: 100,
		missing: 0,
		note: null,
	},
	{
		...place,
		model: 'flat',
		selection: 'top_var',
		subset: 'all',
		metric: 'flip_rate.excess',
		masking: 'neutral',
		first: 'attn_lrp',
		second: 'attention',
		difference: null,
		ci95: null,
		p: null,
		pHolm: null,
		effectSize: null,
		needed: null,
		n: 0,
		missing: 100,
		note: collapsed.note,
	},
];

const maskingAgreement: readonly MaskingAgreement[] = [
	{
		...place,
		metric: 'flip_rate',
		selection: 'top_var',
		first: 'neutral',
		second: 'delete',
		tau: 0.6,
		n: 5,
		note: null,
	},
];

const key = { cell: 'c', dataset: 'bios', split: 'test', epoch: null };

export const testPrediction: PredictionRecord = {
	...key,
	kind: 'prediction',
	model: 'tiny',
	example: 'bio-1',
	gold: 'surgeon',
	prediction: 'surgeon',
	segments: [segmentOf('text', 'She performs hip replacement surgery, and paints.')],
	probabilities: { surgeon: 0.9, nurse: 0.1 },
	mass: 0.99,
	annotations: [[2, 3]],
	tokens: 30,
	wordsWithoutTokens: 0,
};

export const testRationale: RationaleRecord = {
	...key,
	kind: 'rationale',
	model: 'tiny',
	example: 'bio-1',
	method: 'attn_lrp',
	scores: [0, 0.1, 0.9, 1, 0.6, null, -0.5],
	missing: null,
	answer: null,
	selections: [
		{
			selection: 'top_var',
			words: [2, 3],
			ties: 0,
			masked: { neutral: 'nurse', delete: 'surgeon' },
			control: { neutral: ['surgeon', 'nurse'] },
		},
	],
	curve: [
		{ share: 0.25, label: 'surgeon' },
		{ share: 0.5, label: 'nurse' },
	],
};

const promptRationale: RationaleRecord = {
	...testRationale,
	method: 'prompt.unbound',
	scores: null,
	curve: null,
	answer: { raw: '["hip", "scalpel"]', status: 'partial', wrongLength: false, unmatched: ['scalpel'] },
	selections: [{ selection: 'own', words: [2], ties: 0, masked: { neutral: 'surgeon' }, control: {} }],
};

/** Returns the study. */
export function testInput(): ReportInput {
	return {
		study: {
			name: 'A small study',
			startedWith: { 'llm-rationale': '0.1.0', node: '20.19.0' },
			seed: 7,
			configText: 'seed: 7\n',
			prompts: [{ id: 'classify.v1', text: 'Which occupation?' }],
			maskings: [
				{ id: 'neutral', title: 'neutral token' },
				{ id: 'delete', title: 'words left out' },
			],
			models: [
				{ id: 'tiny', description: '4 layers' },
				{ id: 'flat', description: '2 layers' },
			],
			datasets: [{ id: 'bios', title: 'Planted biographies', n: 100 }],
			methods: testMethods,
			metrics: testMetrics,
		},
		summary: { schema: 1, study: 'A small study', rows, comparisons, maskingAgreement },
		records: [
			testPrediction,
			testRationale,
			promptRationale,
			{
				...testRationale,
				method: 'attention',
				scores: null,
				selections: [],
				curve: null,
				missing: 'the model hands out no attention',
			},
			{ ...testPrediction, model: 'flat', prediction: 'nurse' },
		],
		badRows: [{ kind: 'label', file: 'bios.csv', line: 12, problem: 'no label' }],
		verdicts: [
			{ model: 'tiny', dataset: 'bios', epoch: null, level: 'evaluable', reasons: [] },
			{
				model: 'flat',
				dataset: 'bios',
				epoch: null,
				level: 'not evaluable',
				reasons: ['one label takes 0.97 of the predictions'],
			},
		],
		answerRates: [
			{
				model: 'tiny',
				dataset: 'bios',
				epoch: null,
				method: 'prompt.unbound',
				wrongLength: 0,
				counts: { ok: 90, partial: 4, empty_match: 1, no_rationale: 5 },
			},
		],
	};
}
