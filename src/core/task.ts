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
}
