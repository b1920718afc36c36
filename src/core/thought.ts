/** Reasoning models think aloud before they answer. A thought is no answer, and one that breaks off is not followed by any. */
import { trimEnd, trimStart } from './whiteSpace.ts';

const marks = [
	['<think>', '</think>'],
	['<thinking>', '</thinking>'],
	['[THINK]', '[/THINK]'],
] as const;

/** Why there is no answer. */
export const thoughtUnended = 'no answer: the thought did not end';

/** Returns whether a prompt ends with the beginning of a thought, as some templates write it. */
export function opensThought(prompt: string): boolean {
	const end = trimEnd(prompt);
	return marks.some(([open]) => end.endsWith(open));
}

/**
 * Returns where the answer begins in what a model said, 0 where it did not think; null where its thought did not end. `isOpened`:
 * the prompt had begun the thought.
 */
export function answerStart(said: string, isOpened = false): number | null {
	for (const [open, close] of marks) {
		const end = said.lastIndexOf(close);
		if (end >= 0) return end + close.length;
		if (trimStart(said).startsWith(open)) return null;
	}
	return isOpened ? null : 0;
}
