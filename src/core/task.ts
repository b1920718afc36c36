import type { Example } from './example.ts';

/** Values for a chat template, by name. */
export type TemplateVariables = Readonly<Record<string, string | number | boolean | null>>;

/** That a model thinks before it says a label, where its template or its habit makes it. */
export interface Reasoning {
	/** Most tokens of a thought; one that does not end within them gives no answer. */
	readonly tokens: number;
	/** About masked texts the model thinks `anew`, or its thought about the whole text is `kept` in front of the label. */
	readonly masked: 'anew' | 'kept';
}

/** What is asked of a model about an example: the same record feeds the prompt, the label scores and the report. */
export interface Task {
	readonly id: string;
	/** One or two sentences that say what to decide and list the verbalizers; the system turn of the prompt. */
	readonly instruction: string;
	/** What a segment is called in the prompt, by segment name: `{ premise: 'Premise' }`. */
	readonly segmentTitles: Readonly<Record<string, string>>;
	readonly labels: readonly string[];
	/** The string that stands for a label in the prompt and in the answer, by label. */
	readonly verbalizers: Readonly<Record<string, string>>;
	/** The user turn, with `{segment name}` where a segment's text stands; without it, a line `Title: text` per segment. */
	readonly userTurn?: string;
	/** What the model's chat template is told, by the names that it reads: `{ enable_thinking: false }`. */
	readonly template?: TemplateVariables;
	/** What the assistant's turn begins with, before the answer: `Occupation:`; nothing where left out. */
	readonly answerPrefix?: string;
	/** `exact`: a label is its verbalizer as it is written; left out: all spellings with which a model may begin it. */
	readonly spellings?: 'exact';
	/** How the model thinks before its label; left out where it says the label at once. */
	readonly reasoning?: Reasoning;
	/** Labelled examples that are shown before the text, in order; none where left out. */
	readonly demonstrations?: readonly Example[];
}
