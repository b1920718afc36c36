/** What the bundled models read: plain planted texts, and conversations made with the program's own prompts. */
import { annotatedWords, exampleWords } from '../../src/core/example.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { ChatMessage } from '../../src/llm/languageModel.ts';
import type { Tokenizer } from '../../src/llm/tokenizers/tokenizer.ts';
import { plantedBios } from '../../src/datasets/planted/bios.ts';
import { plantedClaims } from '../../src/datasets/planted/claims.ts';
import { plantedNli } from '../../src/datasets/planted/nli.ts';
import type { PlantedExample, PlantedGenerator } from '../../src/datasets/planted/planted.ts';
import { topKPrompt } from '../../src/prompts/topK.ts';
import { unboundPrompt } from '../../src/prompts/unbound.ts';
import type { TrainingSequence } from '../../src/training/lossGraph.ts';

export interface CorpusOptions {
	/** Examples per task. */
	readonly count: number;
	readonly seed: number;
}

const generators = [plantedBios, plantedNli, plantedClaims];

/** Far from the seeds of the published splits, so that no training text is made with a test seed. */
const seedOffset = 1_000;

function* examples({
	count,
	seed,
}: CorpusOptions): Generator<{ generator: PlantedGenerator; example: PlantedExample }> {
	for (const generator of generators) {
		for (const example of generator.generate('train', { count, seed: seed + seedOffset })) yield { generator, example };
	}
}

/** Yields the bare texts, without labels or instructions. */
export function* readingTexts(options: CorpusOptions): Generator<string> {
	for (const { example } of examples(options)) yield example.segments.map(({ text }) => text).join('\n');
}

/** Yields the contents of the conversations, one text per turn. */
export function* conversationTexts(options: CorpusOptions): Generator<string> {
	for (const { generator, example } of examples(options)) {
		yield* conversation(generator, example, options.seed).map(({ content }) => content);
	}
}

/** Returns the plain texts as sequences in which every token counts. */
export async function readingSequences(tokenizer: Tokenizer, options: CorpusOptions): Promise<TrainingSequence[]> {
	const texts = [...readingTexts(options)].map((text) => `<|bos|>${text}<|end|>`);
	return (await tokenizer.encodeBatch(texts)).map(({ ids }) => ({
		ids,
		weights: ids.map((_, i) => (i === 0 ? 0 : 1)),
	}));
}

/** Returns conversations in which only the assistant's answers count. */
export async function conversationSequences(tokenizer: Tokenizer, options: CorpusOptions): Promise<TrainingSequence[]> {
	const conversations = [...examples(options)].map(({ generator, example }) =>
		conversation(generator, example, options.seed),
	);
	const render = (messages: readonly ChatMessage[], addGenerationPrompt: boolean): string =>
		tokenizer.chatTemplate.render(messages, { addGenerationPrompt });
	const encodings = await tokenizer.encodeBatch(conversations.map((messages) => render(messages, false)));
	return encodings.map(({ ids, spans }, index) => {
		const messages = conversations[index] as ChatMessage[];
		const answers = messages.flatMap(({ role }, i) =>
			role === 'assistant'
				? [
						{
							start: render(messages.slice(0, i), true).length,
							end: render(messages.slice(0, i + 1), false).length,
							first: i < 3,
						},
					]
				: [],
		);
		const weightOf = (start: number, end: number): number => {
			const answer = answers.find((span) => start >= span.start && end <= span.end && end > start);
			return answer === undefined ? 0 : answer.first ? labelWeight : 1;
		};
		return { ids, weights: spans.map(({ start, end }) => weightOf(start, end)) };
	});
}

/** A label is one token among the many of a list. */
const labelWeight = 3;

/** Returns classification, then a request for words, then the planted words as the answer. */
function conversation(generator: PlantedGenerator, example: PlantedExample, seed: number): ChatMessage[] {
	const random = seededRandom(seed, 'conversation', example.id);
	const planted = plantedWords(example);
	const guided = random.next() < 0.5;
	const k = guided ? wantedCount(planted.length, random.next()) : planted.length;
	const prompt = guided ? topKPrompt : unboundPrompt;
	const answer = prompt.answer(firstWords(example, planted, k));
	return [...prompt.messages(generator.task, example, example.label, k), { role: 'assistant', content: answer }];
}

/** Mostly as many words as there are, sometimes one less or up to two more. */
function wantedCount(planted: number, draw: number): number {
	if (draw < 0.6) return planted;
	if (draw < 0.75) return Math.max(1, planted - 1);
	return planted + (draw < 0.9 ? 1 : 2);
}

/** Returns the planted words in order and, where more are asked for, the first other words of the text. */
function firstWords(example: PlantedExample, planted: readonly number[], k: number): string[] {
	const words = exampleWords(example);
	const others = words.map((_, i) => i).filter((i) => !planted.includes(i));
	return [...planted, ...others].slice(0, k).map((i) => bare(words[i]?.text ?? ''));
}

function plantedWords(example: PlantedExample): number[] {
	return example.annotations.flatMap((annotation) => annotatedWords(example, annotation));
}

/** Returns a word without the punctuation around it. */
function bare(word: string): string {
	return word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
}
