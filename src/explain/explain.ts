import type { Method } from '../rationales/method.ts';
import { explainByPasses } from './byPasses.ts';
import { explanationOf, incapable } from './explanationTargets.ts';
import { askForWords } from './byPrompt.ts';
import { perturb, type PredictionMethod } from './byPerturbation.ts';
import { type AskedExample, type Asking, type Explanation, selectionContext, type PreparedExample } from './context.ts';
import { explainByPass } from './byPass.ts';
import type { PromptMethod } from '../rationales/prompting/method.ts';
import type { ReferenceMethod } from '../rationales/reference/method.ts';

/** Returns what each method says about each example: [method][example]. */
export async function explain(
	asking: Asking,
	methods: readonly Method[],
	examples: readonly AskedExample[],
): Promise<Explanation[][]> {
	const passes = await explainByPass(
		asking,
		methods.filter((method) => method.kind === 'pass'),
		examples,
	);
	const perturbed = await explainByPerturbation(
		asking,
		methods.filter((method) => method.kind === 'perturbation' || method.kind === 'replacement'),
		examples,
	);
	const explanations: Explanation[][] = [];
	for (const method of methods) {
		if (method.kind === 'pass') explanations.push(passes.get(method) ?? []);
		else if (method.kind === 'multiPass') explanations.push(await explainByPasses(asking, method, examples));
		else if (method.kind === 'prompt') explanations.push(await explainByPrompting(asking, method, examples));
		else if (method.kind !== 'reference') explanations.push(perturbed.get(method) ?? []);
		else explanations.push(examples.map((example) => explainByReference(asking, method, example)));
	}
	return explanations;
}

/** Example by example, so that the methods share the masked prompts of each one. */
async function explainByPerturbation(
	asking: Asking,
	methods: readonly PredictionMethod[],
	examples: readonly AskedExample[],
): Promise<Map<PredictionMethod, Explanation[]>> {
	const explanations = new Map(methods.map((method) => [method, [] as Explanation[]]));
	const able = methods.filter((method) => incapable(asking.model, method) === null);
	for (const example of examples) {
		const perturbed = await perturb(asking, able, example);
		for (const [method, own] of explanations) {
			const found = perturbed.get(method) ?? { missing: incapable(asking.model, method) ?? 'nothing was computed' };
			own.push('missing' in found ? found : explanationOf(found.ranking, example, null, found.diagnostics));
		}
	}
	return explanations;
}

async function explainByPrompting(
	asking: Asking,
	method: PromptMethod,
	examples: readonly AskedExample[],
): Promise<Explanation[]> {
	const problem = incapable(asking.model, method);
	if (problem !== null) return examples.map(() => ({ missing: problem }));
	const answers = await askForWords(asking, method, examples, (example) => selectionContext(asking, example));
	return examples.map((example, i) => {
		const found = answers[i] ?? { missing: 'nothing was computed' };
		return 'missing' in found ? found : explanationOf(found.ranking, example, found.answer, found.diagnostics);
	});
}

function explainByReference({ settings }: Asking, method: ReferenceMethod, prepared: PreparedExample): Explanation {
	const { example, annotated } = prepared;
	return explanationOf(method.rank({ example, annotated, seed: settings.seed }), prepared);
}
