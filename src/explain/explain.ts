import type { Method } from '../rationales/method.ts';
import { explainByPasses } from './byPasses.ts';
import { explanationOf, incapable } from './explanationTargets.ts';
import { askForWords } from './byPrompt.ts';
import { perturb, type PredictionMethod } from './byPerturbation.ts';
import {
	type ClassifiedExample,
	type ExplainContext,
	type Explanation,
	selectionContext,
	type EncodedExample,
} from './context.ts';
import { explainByPass } from './byPass.ts';
import type { PromptMethod } from '../rationales/prompting/method.ts';
import type { ReferenceMethod } from '../rationales/reference/method.ts';

/** Returns what each method says about each example: [method][example]. */
export async function explain(
	context: ExplainContext,
	methods: readonly Method[],
	examples: readonly ClassifiedExample[],
): Promise<Explanation[][]> {
	const passes = await explainByPass(
		context,
		methods.filter((method) => method.kind === 'pass'),
		examples,
	);
	const perturbed = await explainByPerturbation(
		context,
		methods.filter((method) => method.kind === 'perturbation' || method.kind === 'replacement'),
		examples,
	);
	const explanations: Explanation[][] = [];
	for (const method of methods) {
		if (method.kind === 'pass') explanations.push(passes.get(method) ?? []);
		else if (method.kind === 'multiPass') explanations.push(await explainByPasses(context, method, examples));
		else if (method.kind === 'prompt') explanations.push(await explainByPrompting(context, method, examples));
		else if (method.kind !== 'reference') explanations.push(perturbed.get(method) ?? []);
		else explanations.push(examples.map((example) => explainByReference(context, method, example)));
	}
	return explanations;
}

/** Example by example, so that the methods share the masked prompts of each one. */
async function explainByPerturbation(
	context: ExplainContext,
	methods: readonly PredictionMethod[],
	examples: readonly ClassifiedExample[],
): Promise<Map<PredictionMethod, Explanation[]>> {
	const explanations = new Map(methods.map((method) => [method, [] as Explanation[]]));
	const able = methods.filter((method) => incapable(context.model, method) === null);
	for (const example of examples) {
		const perturbed = await perturb(context, able, example);
		for (const [method, own] of explanations) {
			const found = perturbed.get(method) ?? { missing: incapable(context.model, method) ?? 'nothing was computed' };
			own.push('missing' in found ? found : explanationOf(found.attribution, example, null, found.diagnostics));
		}
	}
	return explanations;
}

async function explainByPrompting(
	context: ExplainContext,
	method: PromptMethod,
	examples: readonly ClassifiedExample[],
): Promise<Explanation[]> {
	const problem = incapable(context.model, method);
	if (problem !== null) return examples.map(() => ({ missing: problem }));
	const answers = await askForWords(context, method, examples, (example) => selectionContext(context, example));
	return examples.map((example, i) => {
		const found = answers[i] ?? { missing: 'nothing was computed' };
		return 'missing' in found ? found : explanationOf(found.attribution, example, found.answer, found.diagnostics);
	});
}

function explainByReference(
	{ settings }: ExplainContext,
	method: ReferenceMethod,
	prepared: EncodedExample,
): Explanation {
	const { example, annotated } = prepared;
	return explanationOf(method.rank({ example, annotated, seed: settings.seed }), prepared);
}
