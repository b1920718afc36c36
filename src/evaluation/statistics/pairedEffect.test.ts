import { expect, test } from 'vitest';
import { pairedEffect } from './pairedEffect.ts';

test('by hand: differences 1, 3 have mean 2 and standard deviation √2', () => {
	const { effectSize, needed } = pairedEffect([1, 3]);
	expect(effectSize).toBeCloseTo(2 / Math.SQRT2, 12);
	// 7.849 / 2 = 3.92
	expect(needed).toBe(4);
});

test('a small effect takes many examples: d_z 0.2 takes 197, as in tables of power', () => {
	const differences = [0.2 - 1, 0.2 + 1, 0.2];
	expect(pairedEffect(differences).effectSize).toBeCloseTo(0.2, 12);
	expect(pairedEffect(differences).needed).toBe(197);
});

test('without a difference no number is enough; without spread two are', () => {
	expect(pairedEffect([-1, 1])).toEqual({ effectSize: 0, needed: null });
	expect(pairedEffect([0.5, 0.5, 0.5])).toEqual({ effectSize: null, needed: 2 });
	expect(pairedEffect([0.5])).toEqual({ effectSize: null, needed: null });
});
