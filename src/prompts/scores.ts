/** `prompt.scores/1`: a number for every word (after Huang et al. 2023; wording and range ours). */
import { type Example, exampleWords } from '../core/example.ts';
import { itemAt } from '../core/present.ts';
import type { Task } from '../core/task.ts';
import type { ParsedAnswer, ParsedItem } from './answerParsing.ts';
import { bare } from './demonstrations.ts';
import { followUpMessages, followUpWording } from './followUp.ts';
import type { RationalePrompt } from './prompt.ts';

const REQUEST =
	'Give every word of the text, in order, a number from 0 (no influence on your decision) to 10 (decisive), as a JSON array of [word, number] pairs.';

export const scoresPrompt = {
	kind: 'rationale',
	id: 'prompt.scores/1',
	version: 1,
	wording: followUpWording(REQUEST, '[["{word}", {number}], ["{word}", {number}]]'),
	length: 'free',
	messages: (task: Task, example: Example, predicted: string) =>
		followUpMessages(task, example, predicted, REQUEST, (shown, marked) => ({
			request: REQUEST,
			answer: scoresOf(shown, marked),
		})),
	answer: (words: readonly string[]) => JSON.stringify(words.map((word) => [word, 10])),
	parse: parseScores,
} as const satisfies RationalePrompt;

/** Returns 10 for every marked word of a demonstration and 0 for the others. */
function scoresOf(shown: Example, marked: readonly number[]): string {
	return JSON.stringify(exampleWords(shown).map(({ text }, word) => [bare(text), marked.includes(word) ? 10 : 0]));
}

/** Returns the words with a number, also of a list that is cut off: `["hip", 9]`, `"hip": 9`, or `hip: 9` on a line. */
export function parseScores(answer: string): ParsedAnswer {
	const quoted = [...answer.matchAll(/"((?:[^"\\\n]|\\.)+)"\s*[,:]\s*(?:"score"\s*:\s*)?(-?\d+(?:\.\d+)?)/gu)];
	const lines = [
		...answer.matchAll(/^[ \t]*(?:[-*•]|\d+[.)])?[ \t]*([^\s:"]+)[ \t]*[:=][ \t]*(-?\d+(?:\.\d+)?)[ \t]*$/gmu),
	];
	const found = quoted.length > 0 ? quoted : lines;
	const items = found.map(
		(match): ParsedItem => ({ text: itemAt(match, 1).replaceAll('\\"', '"'), score: Number(itemAt(match, 2)) }),
	);
	return { items, refusal: items.length === 0 };
}
