import { describe, expect, it } from 'vitest';
import type { Aggregation } from '../core/declarations.ts';
import type { PassOutput } from '../llm/languageModel.ts';
import { methods } from './methods.ts';
import { attention } from '../llm/attribution/attention.ts';
import { inputXGradientDot } from '../llm/attribution/inputXGradientDot.ts';
import { inputXGradientL2 } from '../llm/attribution/inputXGradientL2.ts';
import { rankByPass } from './rankByPass.ts';
import { saliencyL1 } from '../llm/attribution/saliencyL1.ts';
import { saliencyL2 } from '../llm/attribution/saliencyL2.ts';
import type { TokenUnits } from './wordScores.ts';
import type { MultiPassMethod, PassMethod } from '../llm/attribution/method.ts';

function wordByWord(tokensOfWord: readonly (readonly number[])[]): TokenUnits {
	return { tokensOfWord, units: tokensOfWord.map((_, word) => [word]) };
}

describe('methods that read a pass', () => {
	it.each<[string, PassMethod, PassOutput, Aggregation, boolean, boolean]>([
		['attention', attention, 'attention', 'sum', false, false],
		['attention_rollout', methods.attention_rollout, 'attentionRollout', 'sum', false, false],
		['grad_attention', methods.grad_attention, 'gradientAttention', 'sum', false, true],
		['cp_lrp', methods.cp_lrp, 'cpLrp', 'sum', true, true],
		['attn_lrp', methods.attn_lrp, 'attnLrp', 'sum', true, true],
		['gim', methods.gim, 'gim', 'sum', true, true],
		['saliency.l1', saliencyL1, 'gradient.l1', 'max', false, true],
		['saliency.l2', saliencyL2, 'gradient.l2', 'max', false, true],
		['input_x_gradient.dot', inputXGradientDot, 'gradientXInput.dot', 'sum', true, true],
		['input_x_gradient.l2', inputXGradientL2, 'gradientXInput.l2', 'max', false, true],
	])('%s reads its own output by its own rule', (id, method, output, aggregation, signed, targetSpecific) => {
		expect(method.declaration).toMatchObject({ id, aggregation, signed, targetSpecific });
		const pass = { [output]: Float32Array.of(8, 1, -2, 4) };
		const first = aggregation === 'sum' ? -1 : 1;
		expect(rankByPass(method, pass, wordByWord([[1, 2], [3], []]))).toEqual({ scores: [first, 4, null], own: null });
	});

	it('fail the example where a score is not finite', () => {
		expect(rankByPass(saliencyL1, { 'gradient.l1': Float32Array.of(1, NaN) }, wordByWord([[0]]))).toHaveProperty(
			'missing',
		);
	});

	it('refuse a pass without their output', () => {
		expect(() => rankByPass(attention, {}, wordByWord([]))).toThrow(
			'Internal: attention: the pass has no output "attention"',
		);
	});
});

describe('methods that take several passes', () => {
	const tokens = { neutral: 7, commonWords: [3, 4] };

	it.each<[string, MultiPassMethod, object, Aggregation]>([
		['integrated_gradients', methods.integrated_gradients, { neutralToken: 7, nodes: 32, nodeLimit: 256 }, 'sum'],
		['smooth_grad', methods.smooth_grad, { samples: 20, spread: 0.15 }, 'max'],
		['gradient_shap', methods.gradient_shap, { samples: 32, baselines: [[7], [3, 4]] }, 'sum'],
		['value_zeroing', methods.value_zeroing, { kind: 'valueZeroing' }, 'sum'],
		['alti_logit', methods.alti_logit, { kind: 'altiLogit' }, 'sum'],
	])('%s asks for its defaults', (id, method, request, aggregation) => {
		expect(method.declaration).toMatchObject({ id, aggregation });
		expect(method.request(tokens)).toMatchObject(request);
	});

	it('say what they do without a token for a single space', () => {
		const without = { ...tokens, neutral: null };
		expect(methods.integrated_gradients.request(without)).toEqual({
			missing: 'the tokenizer has no token for a single space',
		});
		expect(methods.gradient_shap.request(without)).toMatchObject({ baselines: [[3, 4]] });
	});
});
