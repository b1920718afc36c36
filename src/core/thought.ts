/** The thoughts that reasoning models write before their answers. */

/** What a model said, without its thought. */
export interface ThoughtfulAnswer {
	readonly text: string;
	/** False where the thought did not end: then there is no answer. */
	readonly isComplete: boolean;
}

/** What begins and ends thoughts: in DeepSeek, Qwen and many others; in some fine-tuned models; in Mistral. */
const begins = /^\s*(?:<(?:think|thinking|thought|reasoning)>|\[THINK\])/iu;
const ends = /<\/(?:think|thinking|thought|reasoning)>|\[\/THINK\]/giu;

/**
 * Returns what follows the last thought. A thought whose beginning is missing, because the prompt wrote it, ends all the
 * same; one that begins the rest and never ends leaves nothing.
 */
export function withoutThought(answer: string): ThoughtfulAnswer {
	const last = [...answer.matchAll(ends)].at(-1);
	const rest = last === undefined ? answer : answer.slice(last.index + last[0].length).trimStart();
	return begins.test(rest) ? { text: '', isComplete: false } : { text: rest, isComplete: true };
}
