import { describe, expect, it } from 'vitest';
import type { Aggregation } from '../../core/declarations.ts';
import type { PassOutput } from '../../llm/languageModel.ts';
import type { PassMethod } from '../method.ts';
import { attention } from './attention.ts';
import { inputXGradientDot } from './inputXGradientDot.ts';
import { inputXGradientL2 } from './inputXGradientL2.ts';
import { rankByPass } from './rankByPass.ts';
import { saliencyL1 } from './saliencyL1.ts';
import { saliencyL2 } from './saliencyL2.ts';

describe('methods that read a pass', () => {
	it.each<[string, PassMethod, PassOutput, Aggregation, boolean, boolean]>([
		['attention', attention, 'attention', 'sum', false, false],
		['saliency.l1', saliencyL1, 'gradient.l1', 'max', false, true],
		['saliency.l2', saliencyL2, 'gradient.l2', 'max', false, true],
		['input_x_gradient.dot', inputXGradientDot, 'gradientXInput.dot', 'sum', true, true],
		['input_x_gradient.l2', inputXGradientL2, 'gradientXInput.l2', 'max', false, true],
	])('%s reads its own output by its own rule', (id, method, output, aggregation, signed, targetSpecific) => {
		expect(method.declaration).toMatchObject({ id, aggregation, signed, targetSpecific });
		const pass = { [output]: Float32Array.of(8, 1, -2, 4) };
		const first = aggregation === 'sum' ? -1 : 1;
		expect(rankByPass(method, pass, [[1, 2], [3], []])).toEqual({ scores: [first, 4, null], own: null });
	});

	it('fail the example where a score is not finite', () => {
		expect(rankByPass(saliencyL1, { 'gradient.l1': Float32Array.of(1, NaN) }, [[0]])).toHaveProperty('missing');
	});

	it('refuse a pass without their output', () => {
		expect(() => rankByPass(attention, {}, [])).toThrow('Internal: attention: the pass has no output "attention"');
	});
});
