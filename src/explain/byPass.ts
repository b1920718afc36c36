/** Attribution by one shared forward and backward pass. */
import { itemAt, zip } from '../core/present.ts';
import type { AttributionPass, PassOptions } from '../llm/languageModel.ts';
import { withoutNeutralToken } from '../llm/attribution/neutralToken.ts';
import type { Missing } from '../core/score.ts';
import { noCost } from '../rationales/cost.ts';
import { rankByPass } from '../rationales/rankByPass.ts';
import type { AnswerTarget } from '../rationales/targets.ts';
import {
	aggregationOf,
	anyTarget,
	explainedTarget,
	explanationOf,
	incapable,
	tokenUnits,
	unitContent,
} from './explanationTargets.ts';
import { answerPromptOf, type ClassifiedExample, type Explanation, type TaskModel } from './context.ts';
import type { PassMethod } from '../llm/attribution/method.ts';
import { type MethodKind, noCountRules } from './methodKind.ts';
import type { RationaleSettings } from './settings.ts';

export const byPass: MethodKind<PassMethod> = {
	explain: (taskModel, { settings }, methods, examples) => explainByPass(taskModel, settings, methods, examples),
	sharesPass: true,
	cost: ({ declaration }) => ({ ...noCost, forward: 1, backward: declaration.needs === 'gradients' ? 1 : 0 }),
	content: (method, settings) => [
		method.output,
		aggregationOf(method, settings),
		settings.target,
		...attentionContent(method, settings),
		...unitContent(settings),
	],
	countRules: noCountRules,
};

/** Nothing where it is the last layer and all heads. */
function attentionContent({ output }: PassMethod, { attention }: RationaleSettings): unknown[] {
	const isDefault = attention === undefined || (attention.layers === 'last' && attention.heads === 'all');
	return output !== 'attention' || isDefault ? [] : [attention];
}

/** One forward and backward pass per example serves all methods that read from it. */
async function explainByPass(
	taskModel: TaskModel,
	settings: RationaleSettings,
	methods: readonly PassMethod[],
	examples: readonly ClassifiedExample[],
): Promise<Explanation[][]> {
	const able = methods.filter((method) => problemOf(taskModel, method) === null);
	const asked = able.length === 0 ? [] : examples;
	const targets = asked.map((example) => explainedTarget(taskModel.format.labels, settings.target, example));
	const passes = await passesOver(taskModel, settings, able, asked, targets);
	const read = (method: PassMethod, example: ClassifiedExample, i: number): Explanation => {
		const target = method.declaration.targetSpecific ? targets[i] : undefined;
		const problem = problemOf(taskModel, method) ?? (target && 'missing' in target ? target.missing : null);
		if (problem !== null) return { missing: problem };
		const units = tokenUnits(settings.unit, example);
		return explanationOf(rankByPass(method, itemAt(passes, i), units, aggregationOf(method, settings)), example);
	};
	return methods.map((method) => examples.map((example, i) => read(method, example, i)));
}

/** Returns in words why a method cannot be asked of the model, null where it can. */
function problemOf({ model, format: { neutralToken } }: TaskModel, method: PassMethod): string | null {
	const lacksToken = method.needsNeutralToken === true && neutralToken === null;
	return incapable(model, method) ?? (lacksToken ? withoutNeutralToken.missing : null);
}

/** Methods whose scores do not depend on a target are asked about examples without one, too. */
async function passesOver(
	{ model, format: { labels, neutralToken }, step }: TaskModel,
	{ attention }: RationaleSettings,
	methods: readonly PassMethod[],
	examples: readonly ClassifiedExample[],
	found: readonly (AnswerTarget | Missing)[],
): Promise<AttributionPass[]> {
	if (examples.length === 0) return [];
	step('explain');
	const targets = zip(examples, found).map(([example, target]) =>
		'missing' in target ? anyTarget(labels, example) : target,
	);
	const options: PassOptions = {
		attention,
		neutralToken: neutralToken ?? undefined,
		explainedFrom: examples.map(({ prompt }) => Math.min(prompt.ids.length - 1, ...prompt.tokensOfWord.flat())),
	};
	return await model.attribute(
		zip(examples, targets).map(([example, { after }]) => [...answerPromptOf(example).ids, ...after]),
		targets,
		[...new Set(methods.map(({ output }) => output))],
		options,
	);
}
