import { type Example, exampleWords } from '../../core/example.ts';
import { itemAt } from '../../core/present.ts';
import type { Task } from '../../core/task.ts';
import type { ParsedAnswer } from '../../prompts/answerParsing.ts';
import { type AnswerMatch, matchAnswer, scoresOfMatch } from './matching.ts';
import { readRewriting } from './rewriting.ts';
import type { Attribution } from '../attribution.ts';
import type { PromptMethod } from './method.ts';

/** A prompted rationale and how the answer was understood. */
export interface PromptedRationale {
	readonly attribution: Attribution;
	readonly match: Pick<AnswerMatch, 'status' | 'unmatched'>;
	/** True when k words were asked for and another number was matched (docs/methods.md C.4). */
	readonly wrongLength: boolean;
}

/**
 * Returns what the model's answer says about the example's words; `k` is the number asked for, null where the model
 * chooses it.
 */
export function readAnswer(
	method: PromptMethod,
	answer: string,
	task: Task,
	example: Example,
	k: number | null,
): PromptedRationale {
	const parsed = method.prompt.parse(answer);
	if (method.reading === 'redaction' || method.reading === 'counterfactual') {
		const [written] = parsed.items;
		const { changed, match } = readRewriting(method.reading, written?.text ?? '', task, example);
		return { attribution: { scores: null, own: changed }, match, wrongLength: false };
	}
	const match = matchAnswer(parsed, task, example, method.matching);
	if (method.reading === 'scores')
		return { attribution: scoredWords(parsed, match, example), match, wrongLength: false };
	const scores = scoresOfMatch(match, exampleWords(example).length);
	return {
		attribution: { scores, own: match.matched.map(({ word }) => word) },
		match,
		wrongLength: k !== null && match.matched.length !== k,
	};
}

/** Returns the numbers the model gave, null for words it left out; an empty choice where it gave none. */
function scoredWords({ items }: ParsedAnswer, { matched }: AnswerMatch, example: Example): Attribution {
	if (matched.length === 0) return { scores: null, own: [] };
	const scores: (number | null)[] = exampleWords(example).map(() => null);
	for (const { word, rank } of matched) scores[word] = itemAt(items, rank).score ?? null;
	return { scores, own: null };
}
