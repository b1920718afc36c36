import { expect, it } from 'vitest';
import { UserError } from '../core/errors.ts';
import type { PredictionRecord, RationaleRecord } from '../records/records.ts';
import { alignedExamples, annotatedExamples, settingRecords } from './metricItems.ts';

const key = { cell: 'c', model: 'm', dataset: 'd', split: 's', epoch: null, example: 'e' };
const words = [0, 2, 4].map((start) => ({ start, end: start + 1 }));
const prediction: PredictionRecord = {
	kind: 'prediction',
	...key,
	gold: 'x',
	prediction: 'x',
	probabilities: { x: 1 },
	mass: 1,
	tokens: 9,
	wordsWithoutTokens: 0,
	unjudged: [0, 1, 2],
	annotations: [[4], [3, 4]],
	segments: ['premise', 'hypothesis'].map((name) => ({ name, text: 'a b c', words })),
};
const rationale: RationaleRecord = {
	kind: 'rationale',
	...key,
	method: 'a',
	scores: [9, 8, 7, 1, null, 3],
	missing: null,
	answer: null,
	curve: null,
	selections: [{ selection: 'top_k', words: [0, 4], ties: 0, masked: {}, control: {} }],
};

it('leaves words out of agreement that annotators were not asked about', () => {
	const setting = settingRecords([prediction, rationale]);
	expect(alignedExamples(setting, 'a', 'top_k', 'all')).toMatchObject([
		{ wordCount: 3, gold: [0, 1], predicted: [1], scores: [1, null, 3] },
	]);
	expect(annotatedExamples(setting, 'a', 'top_k')).toEqual([
		{ wordCount: 3, annotations: [[1], [0, 1]], predicted: [1] },
	]);
	const all = settingRecords([{ ...prediction, unjudged: [] }, rationale]);
	expect(alignedExamples(all, 'a', 'top_k', 'all')[0]).toMatchObject({ wordCount: 6, gold: [3, 4], predicted: [0, 4] });
});

it.each<[string, Partial<PredictionRecord>, Partial<RationaleRecord>]>([
	['names word 99', { annotations: [[99]] }, {}],
	['names word -1', { unjudged: [-1] }, {}],
	['has 2 scores', {}, { scores: [1, 2] }],
	['names word 6', {}, { selections: [{ selection: 'own', words: [6], ties: 0, masked: {}, control: {} }] }],
])('refuses a record that does not fit its text: it %s', (what, ofPrediction, ofRationale) => {
	const records = [
		{ ...prediction, ...ofPrediction },
		{ ...rationale, ...ofRationale },
	];
	expect(() => settingRecords(records)).toThrow(UserError);
	expect(() => settingRecords(records)).toThrow(`cell c (example "e") ${what}, and the text has 6 words`);
});
