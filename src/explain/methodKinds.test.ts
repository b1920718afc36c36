import { expect, it } from 'vitest';
import { noThought } from '../rationales/cost.ts';
import { type MethodId, methods } from '../rationales/methods.ts';
import { kindOf } from './methodKinds.ts';

const costOf = (id: MethodId, changes: object = {}) =>
	kindOf(methods[id]).cost(methods[id], { ...request, ...changes });
const request = { tokens: 40, unitCount: 20, evaluations: null, maxAnswerTokens: 64, thought: noThought };

it.each<[MethodId, object]>([
	['attention', { forward: 1, backward: 0, bound: 'exact' }],
	['saliency.l2', { forward: 1, backward: 1, bound: 'exact' }],
	['integrated_gradients', { forward: 34, backward: 34, bound: 'least' }],
	['smooth_grad', { forward: 20, backward: 20 }],
	['gradient_shap', { forward: 32, backward: 32 }],
	['value_zeroing', { forward: 40, backward: 0 }],
	['alti_logit', { forward: 1, backward: 1 }],
	['occlusion', { forward: 21, backward: 0, bound: 'exact' }],
	['reagent', { forward: 3201, bound: 'most' }],
	['prompt.unbound', { forward: 1, written: 64, bound: 'most' }],
	['human', { forward: 0, backward: 0, written: 0 }],
])('%s takes what its definition says', (id, cost) => {
	expect(costOf(id)).toMatchObject(cost);
});

it('a thought comes before every answer, and before every masked one where it is written anew', () => {
	const anew = { thought: { whole: 100, masked: 100 } };
	expect(costOf('prompt.unbound', anew)).toMatchObject({ forward: 1, written: 164 });
	expect(costOf('occlusion', anew)).toMatchObject({ forward: 21, written: 2100, bound: 'most' });
	expect(costOf('reagent', anew)).toMatchObject({ written: 320100 });
	expect(costOf('occlusion', { thought: { whole: 100, masked: 0 } })).toMatchObject({ written: 0, bound: 'exact' });
});

it.each<MethodId>(['lime', 'kernel_shap', 'permutation_shap', 'reagent'])('%s keeps to its evaluations', (id) => {
	const cost = costOf(id, { evaluations: 200 });
	expect('missing' in cost ? NaN : cost.forward).toBeLessThanOrEqual(200);
	expect('missing' in cost ? NaN : cost.forward).toBeGreaterThan(100);
});

it('exact Shapley values take all subsets', () => {
	expect(costOf('kernel_shap', { unitCount: 5 })).toMatchObject({ forward: 32 });
});

it('says where evaluations do not suffice', () => {
	expect(costOf('occlusion', { evaluations: 20 })).toHaveProperty('missing');
});
