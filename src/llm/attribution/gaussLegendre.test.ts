import { describe, expect, it } from 'vitest';
import { gaussLegendre } from './gaussLegendre.ts';

describe('gaussLegendre', () => {
	it('gives the known rule of two nodes', () => {
		const [first, second] = gaussLegendre(2);
		expect(first?.node).toBeCloseTo((1 - 1 / Math.sqrt(3)) / 2, 14);
		expect(second?.node).toBeCloseTo((1 + 1 / Math.sqrt(3)) / 2, 14);
		expect([first?.weight, second?.weight]).toEqual([expect.closeTo(0.5, 14), expect.closeTo(0.5, 14)]);
	});

	it.each([1, 3, 32, 256])('%i nodes: weights sum to 1 and x^(2n-1) is integrated exactly', (count) => {
		const rule = gaussLegendre(count);
		const degree = 2 * count - 1;
		expect(rule.reduce((total, { weight }) => total + weight, 0)).toBeCloseTo(1, 13);
		const integral = rule.reduce((total, { node, weight }) => total + weight * node ** degree, 0);
		expect(integral * (degree + 1)).toBeCloseTo(1, 11);
		expect(rule.every(({ node }, i) => i === 0 || node > (rule[i - 1]?.node ?? 1))).toBe(true);
	});
});
