import { InternalError } from '../core/errors.ts';
import { groupBy } from '../core/groupBy.ts';
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
		for (const [i, method] of own.entries()) found.set(method, explanations[i] ?? []);
	}
	return methods.map((method) => found.get(method) ?? notAsked(method));
}

function notAsked({ declaration }: Method): never {
	throw new InternalError(`${declaration.id} was not asked`);
}
