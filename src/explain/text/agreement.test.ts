import { expect, it } from 'vitest';
import { agreementOf } from './agreement.ts';

it('counts the methods that chose each word, and what every two share', () => {
	const explanations = [
		{ method: 'attention' as const, chosen: [2, 1] },
		{ method: 'lime' as const, chosen: [2, 3] },
		{ method: 'occlusion' as const, chosen: [] },
		{ method: 'random' as const, chosen: [0] },
	];
	expect(agreementOf(explanations, 5)).toEqual({
		methods: ['attention', 'lime', 'random'],
		votes: [1, 1, 2, 1, 0],
		overlaps: [
			{ first: 'attention', second: 'lime', shared: 1, either: 3, overlap: 1 / 3 },
			{ first: 'attention', second: 'random', shared: 0, either: 3, overlap: 0 },
			{ first: 'lime', second: 'random', shared: 0, either: 3, overlap: 0 },
		],
	});
});
