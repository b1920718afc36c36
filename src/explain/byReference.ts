/** References: choices of words that no model makes. */
import { noCost } from '../rationales/cost.ts';
import type { ReferenceMethod } from '../rationales/reference/method.ts';
import { explanationOf } from './explanationTargets.ts';
import { type MethodKind, noCountRules } from './methodKind.ts';

export const byReference: MethodKind<ReferenceMethod> = {
	explain: async (_, { settings: { seed } }, methods, examples) =>
		methods.map((method) =>
			examples.map((encoded) => {
				const { example, annotated } = encoded;
				return explanationOf(method.rank({ example, annotated, seed }), encoded);
			}),
		),
	sharesPass: false,
	cost: () => noCost,
	content: () => null,
	countRules: noCountRules,
};
