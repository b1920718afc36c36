import { exampleWords } from '../../core/example.ts';
import type { Example } from '../../core/example.ts';
import type { Task } from '../../core/task.ts';
import type { PromptMethod, Ranking } from '../method.ts';
import { matchAnswer, scoresOfMatch } from './matching.ts';
import type { AnswerMatch } from './matching.ts';

/** A prompted rationale and how the answer was understood. */
export interface PromptedRationale {
	readonly ranking: Ranking;
	readonly match: AnswerMatch;
	/** True when k words were asked for and another number was matched (docs/methods.md C.4). */
	readonly wrongLength: boolean;
}

/**
 * Returns what the model's answer says about the example's words; `k` is the number asked for, null for
 * `prompt.unbound`.
 */
export function readAnswer(
	method: PromptMethod,
	answer: string,
	task: Task,
	example: Example,
	k: number | null,
): PromptedRationale {
	const match = matchAnswer(method.prompt.parse(answer), task, example, method.matching);
	const scores = scoresOfMatch(match, exampleWords(example).length);
	return {
		ranking: { scores, own: match.matched.map(({ word }) => word) },
		match,
		wrongLength: k !== null && match.matched.length !== k,
	};
}
