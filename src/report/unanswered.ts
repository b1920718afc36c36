/** Texts without a prediction, by what came instead. */
import { answerProblems } from '../core/answerProblem.ts';
import type { SkippedRecord } from '../records/records.ts';

const problems: Readonly<Record<NonNullable<SkippedRecord['problem']>, string>> = {
	[answerProblems.free_text]: 'text that gives no label',
	[answerProblems.truncated_json]: 'JSON that breaks off',
	[answerProblems.unknown_label]: 'a label that does not exist',
	[answerProblems.empty]: 'an empty answer',
	unfinished_thought: 'no answer: the thought did not end',
	refused: 'withheld by a filter',
	too_long: 'the prompt does not fit',
	server_error: 'no answer after all tries',
};

/** Returns what came in place of a label, in words. */
export function insteadOfLabel({ problem, crashed }: SkippedRecord): string {
	if (crashed) return 'a crash of the engine, twice; the same command tries again';
	return problem === undefined ? 'could not be asked' : problems[problem];
}

/** Returns how many texts there are of each kind, in words: `an empty answer 2, the prompt does not fit 1`. */
export function unansweredCounts(skipped: readonly SkippedRecord[]): string {
	const kinds = [...new Set(skipped.map(insteadOfLabel))];
	return kinds
		.map((kind) => `${kind} ${skipped.filter((record) => insteadOfLabel(record) === kind).length}`)
		.join(', ');
}
