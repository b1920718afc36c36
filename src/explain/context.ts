/** What is handed along while a model explains examples. */
import type { LanguageModel, LikelyToken, Thought, ThoughtOptions } from '../llm/languageModel.ts';
import type { SelectionContext } from '../rationales/selection.ts';
import type { Diagnostics } from '../rationales/perturbation/coalitionPlan.ts';
import type { AnswerRecord } from '../records/records.ts';
import type { RationaleSettings } from './settings.ts';
import type { Missing } from '../core/score.ts';
import type { Example } from '../core/example.ts';
import type { Task } from '../core/task.ts';
import type { MaskablePrompt } from '../rationales/masking.ts';
import type { LabelTokens } from '../rationales/targets.ts';
import type { AnswerProblemKind } from '../core/answerProblem.ts';
import type { Attribution } from '../rationales/attribution.ts';

/** An example with the model's answer. */
export interface ClassifiedExample extends EncodedExample {
	/** The label number. */
	readonly predicted: number;
	/** [C]; NaN where the model only says the label. */
	readonly logProbabilities: readonly number[];
	/** Of what may be answered for the labels [A]; left out where only the labels' are told. */
	readonly answers?: readonly number[];
	/** Probability of the label set. */
	readonly mass: number;
	/** What the answer is most likely to begin with, best first. */
	readonly likeliest?: readonly LikelyToken[];
	/** `predicted`, where the model only says the label. */
	readonly chosen?: number;
	/** What the model thought before it said the label. */
	readonly thought?: Thought;
	/** The prompt with the thought, which the label follows; left out where that is `prompt`, which masked texts are made from. */
	readonly answerPrompt?: MaskablePrompt;
}

/** A model, and how it is asked about one task. */
export interface TaskModel {
	readonly model: LanguageModel;
	readonly format: TaskFormat;
	/** Called before each call to the model; throws to stop. */
	readonly step: (phase: Phase) => void;
}

/** What decides which words are chosen and masked. */
export interface ChoiceRules {
	readonly settings: RationaleSettings;
	/** Mean share of annotated words over the dataset, null where nothing is annotated. */
	readonly meanShare: number | null;
}

/** All there is to explain examples of one dataset by one model. Whoever needs a part is handed that part. */
export interface ExplainContext extends TaskModel, ChoiceRules {}

export type Phase = 'predict' | 'explain' | 'mask';

/** What a method says about one example. */
export type Explanation =
	| Missing
	| {
			readonly attribution: Attribution;
			readonly answer: AnswerRecord | null;
			readonly diagnostics: Diagnostics | null;
	  };

/** Returns the prompt up to the label, with the thought where the model thinks: what gradients and attention are read from. */
export function answerPromptOf({ prompt, answerPrompt }: ClassifiedExample): MaskablePrompt {
	return answerPrompt ?? prompt;
}

/** Returns the context in which words are chosen. */
export function selectionContext({ settings, meanShare }: ChoiceRules, example: EncodedExample): SelectionContext {
	const { wordCount, annotated } = example;
	return {
		wordCount,
		annotated,
		meanShare,
		seed: settings.seed,
		exampleId: example.example.id,
		fixedCount: settings.topK,
		fixedShare: settings.topShare ?? null,
		threshold: settings.threshold ?? null,
		guidedBy: settings.guidedBy,
		example: example.example,
	};
}

/** How one model is asked about one task. */
export interface TaskFormat {
	readonly task: Task;
	/** In the task's order. */
	readonly labels: readonly LabelTokens[];
	/** The token of a single space, null where the tokenizer has none. */
	readonly neutralToken: number | null;
	/** Left out where the model says the label at once. */
	readonly reasoning?: ThoughtOptions;
}

/** An example the model can be asked about. */
export interface EncodedExample {
	readonly example: Example;
	/** W. */
	readonly wordCount: number;
	/** Word numbers of each annotator. */
	readonly annotations: readonly (readonly number[])[];
	/** Word numbers of the human rationale, null where there is none. */
	readonly annotated: readonly number[] | null;
	/** The classification prompt up to the answer. */
	readonly prompt: MaskablePrompt;
	/** Words with a token: only these can be masked or chosen. */
	readonly eligible: readonly number[];
}

/** Why an example has no prediction. */
export interface Skipped {
	readonly skipped: string;
	readonly problem?: AnswerProblemKind;
}
