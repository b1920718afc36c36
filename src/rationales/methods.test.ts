import { describe, expect, it } from 'vitest';
import { prompts } from '../prompts/prompts.ts';
import { methodIds, methods } from './methods.ts';

const families = {
	pass: 'attribution',
	multiPass: 'attribution',
	perturbation: 'attribution',
	replacement: 'attribution',
	prompt: 'prompting',
	reference: 'reference',
};

describe('methods', () => {
	it.each(Object.entries(methods))('%s is declared under its own id and fits its kind', (id, method) => {
		const { declaration } = method;
		expect(declaration.id).toBe(id);
		expect(declaration.family).toBe(families[method.kind]);
		expect(declaration.aggregation === null).toBe(method.kind !== 'pass' && method.kind !== 'multiPass');
		expect(/generation/iu.test(declaration.needs)).toBe(method.kind === 'prompt');
		if (method.kind === 'prompt') expect(Object.values(prompts)).toContain(method.prompt);
	});

	it('have the ids that others rely on', () => {
		expect(methodIds.toSorted()).toEqual([
			'alti_logit',
			'attention',
			'attention_rollout',
			'attn_lrp',
			'corrupted.0',
			'corrupted.100',
			'corrupted.25',
			'corrupted.50',
			'corrupted.75',
			'cp_lrp',
			'gim',
			'grad_attention',
			'gradient_shap',
			'human',
			'input_x_gradient.dot',
			'input_x_gradient.l2',
			'integrated_gradients',
			'kernel_shap',
			'lime',
			'occlusion',
			'permutation_shap',
			'prompt.constrained',
			'prompt.counterfactual',
			'prompt.explain_first',
			'prompt.fresh',
			'prompt.redact',
			'prompt.scores',
			'prompt.top_k',
			'prompt.top_ratio',
			'prompt.unbound',
			'random',
			'reagent',
			'saliency.l1',
			'saliency.l2',
			'smooth_grad',
			'value_zeroing',
		]);
	});
});
