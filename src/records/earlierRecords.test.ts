import { expect, it } from 'vitest';
import { inTodaysForm } from './earlierRecords.ts';
import type { RationaleRecord } from './records.ts';

const today: RationaleRecord = {
	...{ kind: 'rationale', cell: 'c', model: 'm', dataset: 'd', split: 's', epoch: null, example: 'e', method: 'a' },
	...{ scores: [1, 0], missing: null, answer: null, curve: null },
	selections: [{ selection: 'top_k', words: [0], ties: 0, masked: { space: 'no' }, control: { space: ['yes', 'no'] } }],
};

it('puts the answers of earlier records under their names', () => {
	const [selection] = today.selections;
	const earlier: object = {
		...today,
		selections: [
			{
				...selection,
				maskedProbabilities: { space: { yes: 0.2, no: 0.8 } },
				maskedMass: { space: 0.9 },
				keptProbabilities: { space: { yes: 0.5, no: 0.5 } },
				keptMass: {},
				controlProbability: { space: [0.7, 0.3] },
			},
		],
		probes: {
			space: {
				allMasked: { yes: 0.6, no: 0.4 },
				masked: [{ share: 0.05, label: 'no', probabilities: { yes: 0.1, no: 0.9 } }],
				kept: [],
				tauLoo: 0.5,
				bounds: { masked: { lowest: 0, highest: 1 }, kept: { lowest: 0.1, highest: 0.2 } },
			},
		},
	};
	expect(inTodaysForm(earlier as RationaleRecord)).toEqual({
		...today,
		selections: [
			{
				...selection,
				answers: {
					space: {
						masked: { label: 'no', probabilities: { yes: 0.2, no: 0.8 }, mass: 0.9 },
						kept: { label: 'yes', probabilities: { yes: 0.5, no: 0.5 }, mass: null },
						control: { labels: ['yes', 'no'], probabilities: [0.7, 0.3] },
					},
				},
			},
		],
		answers: {
			space: {
				all: { label: 'yes', probabilities: { yes: 0.6, no: 0.4 }, mass: null },
				'masked 0.05': { label: 'no', probabilities: { yes: 0.1, no: 0.9 }, mass: null },
			},
		},
		searches: { space: { 'limits masked': { lowest: 0, highest: 1 }, 'limits kept': { lowest: 0.1, highest: 0.2 } } },
	});
});

it('leaves records of today as they are', () => {
	expect(inTodaysForm(today)).toEqual(today);
});
