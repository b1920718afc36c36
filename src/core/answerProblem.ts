/** Ways in which an answer of a model behind an API is none. */

/**
 * Ways in which a server's answer is none. `prose`: text that gives no label; `half_json`: JSON that breaks off;
 * `other_label`: an answer in the form asked for, with a label that does not exist; `nothing`: an empty answer;
 * `refused`: withheld by a filter; `too_long`: the prompt does not fit; `server_error`: no answer after all tries.
 */
export type AnswerProblemKind =
	| 'prose'
	| 'half_json'
	| 'other_label'
	| 'nothing'
	| 'refused'
	| 'too_long'
	| 'server_error';

export interface AnswerProblem {
	readonly kind: AnswerProblemKind;
	/** In words, for the reader of the records. */
	readonly detail: string;
}
