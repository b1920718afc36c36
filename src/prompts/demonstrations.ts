/** Few-shot turns: what a person marked in a demonstration, as the answer that a prompt asks for. */
import { annotatedWords, type Example, exampleWords } from '../core/example.ts';
import { itemAt } from '../core/present.ts';
import type { Task } from '../core/task.ts';
import type { ChatMessage } from '../llm/languageModel.ts';
import { formatWordList } from './answerParsing.ts';

/**
 * Returns the turns of every demonstration of a task, in order; `turnsOf` gets the task without demonstrations, the
 * example and the word numbers that its first annotator marked, none where nobody marked any.
 */
export function demonstrationTurns(
	task: Task,
	turnsOf: (plain: Task, shown: Example, marked: readonly number[]) => ChatMessage[],
): ChatMessage[] {
	const plain = withoutDemonstrations(task);
	return (task.demonstrations ?? []).flatMap((shown) => {
		const marked = shown.annotations.map((annotation) => annotatedWords(shown, annotation));
		return turnsOf(plain, shown, marked.find((words) => words.length > 0) ?? []);
	});
}

/** Returns the task as it is without demonstrations. */
export function withoutDemonstrations(task: Task): Task {
	return { ...task, demonstrations: [] };
}

/** Returns words of an example as a list, each without the punctuation around it. */
export function listOfWords(example: Example, numbers: readonly number[]): string {
	const words = exampleWords(example);
	return formatWordList(numbers.map((number) => bare(itemAt(words, number).text)));
}

/** Returns a word without the punctuation around it, unless it is nothing else. */
export function bare(word: string): string {
	return word.replaceAll(/^\p{P}+|\p{P}+$/gu, '') || word;
}
