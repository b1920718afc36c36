/** Asks each method about the examples of a chunk; methods of one kind share their calls to the model. */
import type { LanguageModel } from '../llm/languageModel.ts';
import { withoutNeutralToken } from '../rationales/attribution/neutralToken.ts';
import { rankByPass } from '../rationales/attribution/rankByPass.ts';
import type { Method, Missing, PassMethod, PromptMethod, Ranking, ReferenceMethod } from '../rationales/method.ts';
import type { SelectionContext } from '../rationales/selection.ts';
import type { Diagnostics } from '../rationales/perturbation/plan.ts';
import { explainByPasses } from './explainByPasses.ts';
import { anyTarget, explainedTarget, explanationOf, incapable, tokenUnits } from './explanations.ts';
import { askForWords } from './askForWords.ts';
import { perturb, type PredictionMethod } from './perturb.ts';
import type { PreparedExample, TaskFormat } from './prepareExample.ts';
import type { AnswerRecord } from './records.ts';
import type { RationaleSettings } from './settings.ts';

/** An example with the model's answer. */
export interface AskedExample extends PreparedExample {
	/** The label number. */
	readonly predicted: number;
	/** [C]; NaN where the model only says the label. */
	readonly logProbabilities: readonly number[];
	/** Probability of the label set. */
	readonly mass: number;
	/** `predicted`, where the model only says the label. */
	readonly chosen?: number;
}

/** What is being asked: one model about the examples of one dataset. */
export interface Asking {
	readonly model: LanguageModel;
	readonly format: TaskFormat;
	readonly meanShare: number | null;
	readonly settings: RationaleSettings;
	/** Called before each call to the model; throws to stop. */
	step(phase: Phase): void;
}

export type Phase = 'predict' | 'explain' | 'mask';

/** What a method says about one example. */
export type Explanation =
	| Missing
	| { readonly ranking: Ranking; readonly answer: AnswerRecord | null; readonly diagnostics: Diagnostics | null };

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

/** Returns the context in which words are chosen. */
export function selectionContext({ settings, meanShare }: Asking, example: PreparedExample): SelectionContext {
	const { wordCount, annotated } = example;
	return {
		...{ wordCount, annotated, meanShare },
		seed: settings.seed,
		exampleId: example.example.id,
		fixedCount: settings.topK,
		...{ threshold: settings.threshold ?? null, guidedBy: settings.guidedBy, example: example.example },
	};
}

/** One forward and backward pass per example serves all methods that read from it. */
async function explainByPass(
	asking: Asking,
	methods: readonly PassMethod[],
	examples: readonly AskedExample[],
): Promise<Map<PassMethod, Explanation[]>> {
	const { model } = asking;
	const { neutralToken } = asking.format;
	const problemOf = (method: PassMethod): string | null =>
		incapable(model, method) ??
		(method.needsNeutralToken === true && neutralToken === null ? withoutNeutralToken.missing : null);
	const able = methods.filter((method) => problemOf(method) === null);
	const asked = able.length === 0 ? [] : examples;
	if (asked.length > 0) asking.step('explain');
	const targets = asked.map((example) => explainedTarget(asking, example));
	const posed = asked.map((example, i) => {
		const target = targets[i] ?? { missing: '' };
		return { example, target: 'missing' in target ? anyTarget(asking, example) : target };
	});
	const passes = await (posed.length === 0
		? []
		: model.attribute(
				posed.map(({ example, target }) => [...example.prompt.ids, ...target.after]),
				posed.map(({ target }) => target),
				[...new Set(able.map(({ output }) => output))],
				{
					attention: asking.settings.attention,
					neutralToken: neutralToken ?? undefined,
					explainedFrom: asked.map(({ prompt }) => Math.min(prompt.ids.length - 1, ...prompt.tokensOfWord.flat())),
				},
			));
	const targetProblem = (i: number): string | null => {
		const target = targets[i];
		return target !== undefined && 'missing' in target ? target.missing : null;
	};
	const read = (method: PassMethod, example: AskedExample, i: number): Explanation => {
		const problem = problemOf(method) ?? (method.declaration.targetSpecific ? targetProblem(i) : null);
		if (problem !== null) return { missing: problem };
		return explanationOf(
			rankByPass(method, passes[i] ?? {}, tokenUnits(asking, example), asking.settings.aggregation ?? undefined),
			example,
		);
	};
	return new Map(methods.map((method) => [method, examples.map((example, i) => read(method, example, i))]));
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
