/** The thoughts that reasoning models write before their answers. */

/** What a model said, without its thought. */
export interface ThoughtfulAnswer {
	readonly text: string;
	/** False where the thought did not end: then there is no answer. */
	readonly isComplete: boolean;
	/** What was thought, without the marks around it; empty where nothing was. */
	readonly thought: string;
}

/** What begins and ends thoughts, as models spell it. */
export const thoughtMarks = {
	begins: ['<think>', '<thinking>', '<thought>', '<reasoning>', '[THINK]'],
	ends: ['</think>', '</thinking>', '</thought>', '</reasoning>', '[/THINK]'],
} as const;

/** What begins and ends thoughts: in DeepSeek, Qwen and many others; in some fine-tuned models; in Mistral. */
const begins = /^\s*(?:<(?:think|thinking|thought|reasoning)>|\[THINK\])/iu;
const ends = /<\/(?:think|thinking|thought|reasoning)>|\[\/THINK\]/giu;

/** The end of a prompt that begins a thought. */
const opened = /(?:<(?:think|thinking|thought|reasoning)>|\[THINK\])\s*$/iu;

/** Returns whether a prompt ends with the beginning of a thought, as the templates of some models write it. */
export function opensThought(prompt: string): boolean {
	return opened.test(prompt);
}

/** Returns whether an answer begins with a thought. */
export function beginsThought(answer: string): boolean {
	return begins.test(answer);
}

/** Returns whether a thought ends anywhere in a text. */
export function endsThought(text: string): boolean {
	return text.search(ends) >= 0;
}

/**
 * Returns what follows the last thought, and all that was thought. A thought whose beginning is missing, because the prompt
 * wrote it, ends all the same; one that begins the rest and never ends leaves nothing, and so does one that never ends of
 * which the prompt `isOpened`, that is, wrote the beginning.
 */
export function withoutThought(answer: string, isOpened = false): ThoughtfulAnswer {
	const last = [...answer.matchAll(ends)].at(-1);
	const rest = last === undefined ? answer : answer.slice(last.index + last[0].length).trimStart();
	const isComplete = !begins.test(rest) && !(isOpened && last === undefined);
	const thought = isComplete ? answer.slice(0, last?.index ?? 0) : answer;
	return { text: isComplete ? rest : '', isComplete, thought: thought.replace(begins, '').trim() };
}
