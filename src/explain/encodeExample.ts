/** From an example to the model's prompt, with the tokens of every word. Letter: W words. */
import { messageOf, UserError } from '../core/errors.ts';
import { annotatedWords, type Example, exampleWords, segmentOf } from '../core/example.ts';
import type { Task } from '../core/task.ts';
import { opensThought } from '../core/thought.ts';
import type { ChatMessage, LanguageModel, TokenIds } from '../llm/languageModel.ts';
import { alignWords } from '../llm/tokenizers/wordTokens.ts';
import { classificationPrompt } from '../prompts/classification.ts';
import { refuseControlInTask } from '../prompts/controlTokens.ts';
import { answeringFormat, type ChatFormat, renderPrompt } from '../prompts/renderPrompt.ts';
import { answersFor } from '../rationales/targets.ts';
import { labelSpellings } from './labelSpellings.ts';
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
	requirePrefix(model, task);
	const { text } = renderPrompt(
		answeringFormat(model, task),
		(shown) => classificationPrompt.messages(task, shown),
		sample,
	);
	const labels = await labelSpellings(model, task, text);
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
	const rendered = rendering(
		answeringFormat(model, task),
		(shown) => classificationPrompt.messages(task, shown),
		example,
	);
	if ('skipped' in rendered) return rendered;
	const { ids, spans } = await model.encode(rendered.text);
	const answer = (reasoning?.tokens ?? 0) + Math.max(...answersFor(labels).answers.map(({ length }) => length));
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

/** What a model says before its answer can be begun for it, or thought by it. */
function requirePrefix({ id, continuesAnswers }: LanguageModel, task: Task): void {
	if (task.answerPrefix === undefined) return;
	if (continuesAnswers === false) throw withoutPrefix(id, task);
	if (task.reasoning !== undefined) {
		throw new UserError(
			`task "${task.id}": with the answer prefix ${JSON.stringify(task.answerPrefix)} the model has begun its answer and cannot ` +
				'think before it. Leave out "reasoning", or the prefix (answerPrefix: null).',
		);
	}
}

/** Returns the error of a model whose answers cannot be begun for it. */
export function withoutPrefix(model: string, { id, answerPrefix }: Task): UserError {
	return new UserError(
		`task "${id}", model "${model}": the answer prefix ${JSON.stringify(answerPrefix)} is not possible behind an API that begins the ` +
			"assistant's turn itself. Leave the prefix out for it (answerPrefix: null), or, where the server goes on from a last turn " +
			'of the assistant, set "api: { continues: true }".',
	);
}
