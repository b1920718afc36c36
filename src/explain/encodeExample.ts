/** From an example to the model's prompt, with the tokens of every word. Letter: W words. */
import { messageOf, UserError } from '../core/errors.ts';
import { annotatedWords, type Example, exampleWords, segmentOf } from '../core/example.ts';
import type { Task } from '../core/task.ts';
import { opensThought } from '../core/thought.ts';
import type { ChatMessage, LanguageModel, TokenIds } from '../llm/languageModel.ts';
import { alignWords } from '../llm/tokenizers/wordTokens.ts';
import { classificationPrompt } from '../prompts/classification.ts';
import { refuseControlInTask } from '../prompts/controlTokens.ts';
import { type ChatFormat, chatFormat, renderPrompt } from '../prompts/renderPrompt.ts';
import type { LabelTokens } from '../rationales/targets.ts';
import { annotatedOf } from './settings.ts';
import type { TaskFormat, EncodedExample, Skipped } from './context.ts';

/**
 * Returns how the model is asked about the task. Throws a UserError where the model's chat template cannot hold a text of
 * the task, or its tokenizer cannot tell the labels from the prompt.
 */
export async function taskFormat(model: LanguageModel, task: Task): Promise<TaskFormat> {
	const segments = Object.keys(task.segmentTitles).map((name) => segmentOf(name, 'text'));
	const sample = { id: 'sample', segments, label: null, annotations: [] };
	refuseControlInTask(model, task);
	const { text } = renderPrompt(chatFormat(model, task), (shown) => classificationPrompt.messages(task, shown), sample);
	const labels: LabelTokens[] = [];
	for (const label of task.labels) labels.push({ label, tokens: await labelTokens(model, task, text, label) });
	const { ids } = await model.encode(' ');
	const [space, ...others] = ids;
	const neutralToken = space === undefined || others.length > 0 ? null : space;
	const reasoning = task.reasoning && { tokens: task.reasoning.tokens, isOpened: opensThought(text) };
	return { task, labels, neutralToken, ...(reasoning && { reasoning }) };
}

/** Returns the example ready to be asked, or in words why it cannot be. */
export async function encodeExample(
	model: LanguageModel,
	{ task, labels, neutralToken, reasoning }: TaskFormat,
	example: Example,
): Promise<EncodedExample | Skipped> {
	const rendered = rendering(chatFormat(model, task), (shown) => classificationPrompt.messages(task, shown), example);
	if ('skipped' in rendered) return rendered;
	const { ids, spans } = await model.encode(rendered.text);
	const answer = (reasoning?.tokens ?? 0) + Math.max(...labels.map(({ tokens }) => tokens.length));
	const tooLong = lengthProblem(model, ids, answer);
	if (tooLong !== null) return { skipped: tooLong, problem: 'too_long' };
	const { tokensOfWord } = alignWords(rendered.text, rendered.wordSpans, spans);
	const annotations = example.annotations.map((annotation) => annotatedWords(example, annotation));
	return {
		example,
		wordCount: exampleWords(example).length,
		annotations,
		annotated: annotatedOf(annotations),
		prompt: { ids, tokensOfWord, neutralToken },
		eligible: tokensOfWord.flatMap((tokens, word) => (tokens.length > 0 ? [word] : [])),
	};
}

/** Returns the prompt of a conversation about the example, or in words why it cannot be written. */
export function rendering(
	format: ChatFormat,
	messagesOf: (example: Example) => readonly ChatMessage[],
	example: Example,
): ReturnType<typeof renderPrompt> | { readonly skipped: string } {
	try {
		return renderPrompt(format, messagesOf, example);
	} catch (error) {
		if (error instanceof UserError) return { skipped: messageOf(error) };
		throw error;
	}
}

/** Returns in words why prompt and answer do not fit into the model, null where they do. */
export function lengthProblem(model: LanguageModel, prompt: TokenIds, answer: number): string | null {
	if (prompt.length + answer <= model.contextLength) return null;
	return `the prompt has ${prompt.length} tokens and the answer up to ${answer}; the model reads ${model.contextLength}`;
}

/** Returns the tokens of the answer that stands for a label, as they follow the prompt. */
async function labelTokens(model: LanguageModel, task: Task, header: string, label: string): Promise<TokenIds> {
	const before = (await model.encode(header)).ids;
	const all = (await model.encode(header + classificationPrompt.answer(task, label))).ids;
	if (all.length > before.length && before.every((id, i) => id === all[i])) return all.slice(before.length);
	throw new UserError(
		`task "${task.id}", model "${model.id}": the answer for label "${label}" has no tokens of its own, ` +
			'the tokenizer joins it to the end of the prompt. Choose another verbalizer.',
	);
}
