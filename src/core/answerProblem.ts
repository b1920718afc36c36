/** Ways in which an answer of a model behind an API is none. */

/**
 * Ways in which a server's answer is none, as they stand in records. `free_text`: text that gives no label;
 * `truncated_json`: JSON that breaks off; `unknown_label`: an answer in the form asked for, with a label that does not
 * exist; `empty`: an empty answer; `unfinished_thought`: a thought that did not end; `refused`: withheld by a filter;
 * `too_long`: the prompt does not fit; `server_error`: no answer after all tries.
 */
export const answerProblems = {
	free_text: 'prose',
	truncated_json: 'half_json',
	unknown_label: 'other_label',
	empty: 'nothing',
	unfinished_thought: 'unfinished_thought',
	refused: 'refused',
	too_long: 'too_long',
	server_error: 'server_error',
} as const;
export type AnswerProblemKind = (typeof answerProblems)[keyof typeof answerProblems];

export interface AnswerProblem {
	readonly kind: AnswerProblemKind;
	/** In words, for the reader of the records. */
	readonly detail: string;
}
