/** Reads a label out of an answer, or says what the answer is instead. */
import { labelAtStart, plainWords } from '../../core/labelText.ts';
import { type Completion, parseJson } from './protocol.ts';
import { type AnswerProblem, answerProblems } from '../../core/answerProblem.ts';

/** Longest answer that counts as a label, of which there is none, rather than as free text; in words. */
const labelWords = 3;

/** Returns the number of the label that an answer gives. */
export function parseLabel(
	answer: Completion,
	labels: readonly string[],
): { readonly chosen: number } | { readonly problem: AnswerProblem } {
	const problem = withheld(answer);
	if (problem !== null) return { problem };
	const text = answer.text.replaceAll(/```\w*/gu, '').trim();
	if (text.startsWith('{') || text.startsWith('"')) return parseJsonLabel(text, labels);
	const chosen = labelAtStart(text, labels);
	if (chosen !== null) return { chosen };
	const kind = text.split(/\s+/u).length <= labelWords ? answerProblems.unknown_label : answerProblems.free_text;
	return {
		problem: {
			kind,
			detail: `${kind === answerProblems.free_text ? 'the answer is prose' : 'the answer is no label'}: ${quoted(text)}`,
		},
	};
}

/** Returns the problem of an answer that is the beginning of a thought. */
export function unfinishedThought({ finish }: Pick<Completion, 'finish'>): AnswerProblem {
	const next = finish === 'length' ? ' (`extra: { reasoning_effort: low }` may make it shorter)' : '';
	return { kind: answerProblems.unfinished_thought, detail: `no answer: the thought did not end${next}` };
}

/** Returns why an answer has no text; null where it has some. */
export function withheld({ text, refusal, finish, isThoughtUnfinished }: Completion): AnswerProblem | null {
	if (refusal !== null || finish === 'content_filter') {
		return {
			kind: answerProblems.refused,
			detail: `the answer was withheld${refusal === null ? '' : `: ${quoted(refusal)}`}`,
		};
	}
	if (isThoughtUnfinished) return unfinishedThought({ finish });
	if (text.trim() !== '') return null;
	const why = finish === 'length' ? ' (the limit of tokens was reached before any text came)' : '';
	return { kind: answerProblems.empty, detail: `the answer is empty${why}` };
}

function parseJsonLabel(text: string, labels: readonly string[]): ReturnType<typeof parseLabel> {
	const value = parseJson(text);
	if (value === undefined)
		return {
			problem: { kind: answerProblems.truncated_json, detail: `the answer is JSON that breaks off: ${quoted(text)}` },
		};
	const said = typeof value === 'object' && value !== null ? Object.values(value) : [value];
	const names = said.filter((name) => typeof name === 'string');
	const chosen = labels.findIndex((label) => names.some((name) => plainWords(name) === plainWords(label)));
	return chosen >= 0
		? { chosen }
		: { problem: { kind: answerProblems.unknown_label, detail: `the answer is no label: ${quoted(text)}` } };
}

/** Returns the beginning of a text in quotes. */
export function quoted(text: string): string {
	return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
