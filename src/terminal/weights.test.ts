import { expect, it } from 'vitest';
import { weightsText } from './weights.ts';

const inMegabytes = (bytes: number): string => `${bytes / 1e6} MB`;

it('names types from the largest on, and leaves out what is less than a hundredth', () => {
	const weightsByType = { F32: 1e5, ['Q6_K']: 4e6, ['Q4_K']: 12e6 };
	expect(weightsText({ weights: 16.1e6, weightsByType }, inMegabytes)).toBe('16.1 MB: Q4_K 12 MB, Q6_K 4 MB');
});

it('says one type in short', () => {
	expect(weightsText({ weights: 5e6, weightsByType: { F32: 5e6 } }, inMegabytes)).toBe('5 MB in F32');
});
