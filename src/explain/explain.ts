import { groupBy } from '../core/groupBy.ts';
import { present, zip } from '../core/present.ts';
import type { Method } from '../rationales/method.ts';
import type { ClassifiedExample, ExplainContext, Explanation } from './context.ts';
import { kindOf } from './methodKinds.ts';

/** Returns what each method says about each example: [method][example]. Methods of one kind are asked together. */
export async function explain(
	context: ExplainContext,
	methods: readonly Method[],
	examples: readonly ClassifiedExample[],
): Promise<Explanation[][]> {
	const found = new Map<Method, Explanation[]>();
	for (const own of groupBy(methods, ({ kind }) => kind).values()) {
		const [first] = own;
		if (first === undefined) continue;
		const explanations = await kindOf(first).explain(context, context, own, examples);
		for (const [method, answers] of zip(own, explanations)) found.set(method, answers);
	}
	return methods.map((method) => present(found.get(method), `answer of ${method.declaration.id}`));
}
