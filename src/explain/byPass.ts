/** Attribution by one shared forward and backward pass. */
import { withoutNeutralToken } from '../llm/attribution/neutralToken.ts';
import { rankByPass } from '../rationales/rankByPass.ts';
import { anyTarget, explainedTarget, explanationOf, incapable, tokenUnits } from './explanationTargets.ts';
import type { ClassifiedExample, ExplainContext, Explanation } from './context.ts';
import type { PassMethod } from '../llm/attribution/method.ts';

/** One forward and backward pass per example serves all methods that read from it. */
export async function explainByPass(
	context: ExplainContext,
	methods: readonly PassMethod[],
	examples: readonly ClassifiedExample[],
): Promise<Map<PassMethod, Explanation[]>> {
	const { model } = context;
	const { neutralToken } = context.format;
	const problemOf = (method: PassMethod): string | null =>
		incapable(model, method) ??
		(method.needsNeutralToken === true && neutralToken === null ? withoutNeutralToken.missing : null);
	const able = methods.filter((method) => problemOf(method) === null);
	const asked = able.length === 0 ? [] : examples;
	if (asked.length > 0) context.step('explain');
	const targets = asked.map((example) => explainedTarget(context, example));
	const posed = asked.map((example, i) => {
		const target = targets[i] ?? { missing: '' };
		return { example, target: 'missing' in target ? anyTarget(context, example) : target };
	});
	const passes = await (posed.length === 0
		? []
		: model.attribute(
				posed.map(({ example, target }) => [...example.prompt.ids, ...target.after]),
				posed.map(({ target }) => target),
				[...new Set(able.map(({ output }) => output))],
				{
					attention: context.settings.attention,
					neutralToken: neutralToken ?? undefined,
					explainedFrom: asked.map(({ prompt }) => Math.min(prompt.ids.length - 1, ...prompt.tokensOfWord.flat())),
				},
			));
	const targetProblem = (i: number): string | null => {
		const target = targets[i];
		return target !== undefined && 'missing' in target ? target.missing : null;
	};
	const read = (method: PassMethod, example: ClassifiedExample, i: number): Explanation => {
		const problem = problemOf(method) ?? (method.declaration.targetSpecific ? targetProblem(i) : null);
		if (problem !== null) return { missing: problem };
		return explanationOf(
			rankByPass(method, passes[i] ?? {}, tokenUnits(context, example), context.settings.aggregation ?? undefined),
			example,
		);
	};
	return new Map(methods.map((method) => [method, examples.map((example, i) => read(method, example, i))]));
}
