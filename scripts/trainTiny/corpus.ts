/** What the bundled models read: plain planted texts, and conversations made with the program's own prompts. */
import { annotatedWords, exampleWords, segmentOf, type Span } from '../../src/core/example.ts';
import { itemAt } from '../../src/core/present.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { ChatMessage } from '../../src/llm/languageModel.ts';
import type { Tokenizer } from '../../src/llm/tokenizers/tokenizer.ts';
import { plantedBios } from '../../src/datasets/planted/bios.ts';
import { plantedClaims } from '../../src/datasets/planted/claims.ts';
import { plantedNli } from '../../src/datasets/planted/nli.ts';
import type { PlantedExample, PlantedGenerator } from '../../src/datasets/planted/planted.ts';
import { classificationPrompt } from '../../src/prompts/classification.ts';
import { topKPrompt } from '../../src/prompts/topK.ts';
import { unboundPrompt } from '../../src/prompts/unbound.ts';
import type { WeightedTokens } from '../../src/training/lossGraph.ts';

export type PlantedTask = 'bios' | 'nli' | 'claims';

export interface CorpusOptions {
	/** Examples of each task. */
	readonly counts: Readonly<Record<PlantedTask, number>>;
	readonly seed: number;
}

const generators: Readonly<Record<PlantedTask, PlantedGenerator>> = {
	bios: plantedBios,
	nli: plantedNli,
	claims: plantedClaims,
};

/** Far from the seeds of the published splits, so that no training text is made with a test seed. */
const seedOffset = 1_000;

function* examples({
	counts,
	seed,
}: CorpusOptions): Generator<{ generator: PlantedGenerator; example: PlantedExample }> {
	for (const [task, generator] of Object.entries(generators)) {
		const count = counts[task as PlantedTask];
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
export async function readingSequences(tokenizer: Tokenizer, options: CorpusOptions): Promise<WeightedTokens[]> {
	const texts = [...readingTexts(options)].map((text) => `<|bos|>${text}<|end|>`);
	return (await tokenizer.encodeBatch(texts)).map(({ ids }) => ({
		ids,
		weights: ids.map((_, i) => (i === 0 ? 0 : 1)),
	}));
}

/** Returns conversations in which only the assistant's answers count. */
export async function conversationSequences(tokenizer: Tokenizer, options: CorpusOptions): Promise<WeightedTokens[]> {
	const lessons = [...examples(options)].map(({ generator, example }) =>
		conversation(generator, sometimesShortened(example, options.seed), options.seed),
	);
	const render = (messages: readonly ChatMessage[], addGenerationPrompt: boolean): string =>
		tokenizer.chatTemplate.render(messages, { addGenerationPrompt });
	const encodings = await tokenizer.encodeBatch(lessons.map((messages) => render(messages, false)));
	return encodings.map(({ ids, spans }, index) => {
		const messages = lessons[index] as ChatMessage[];
		const answers = messages.flatMap(({ role }, i) => {
			if (role !== 'assistant') return [];
			const start = render(messages.slice(0, i), true).length;
			const end = render(messages.slice(0, i + 1), false).length;
			return [
				{ start, end: end - endOfTurn.length, weight: i < 3 ? labelWeight : 1 },
				{ start: end - endOfTurn.length, end, weight: 1 },
			];
		});
		const weightOf = ({ start, end }: Span): number =>
			answers.find((answer) => start >= answer.start && end <= answer.end && end > start)?.weight ?? 0;
		return { ids, weights: spans.map(weightOf) };
	});
}

/**
 * Returns short exercises: the text alone, answered by label and planted words in one turn. Without instruction and
 * request between text and answer, words are found and compared after far fewer tokens than in whole conversations.
 */
export async function exerciseSequences(tokenizer: Tokenizer, options: CorpusOptions): Promise<WeightedTokens[]> {
	const exercises = [...examples(options)].map(({ generator, example }) => {
		const text = sometimesShortened(example, options.seed);
		const [, question] = classificationPrompt.messages(generator.task, text);
		const words = exampleWords(text);
		const listed = plantedWords(text).map((i) => ` ${bare(itemAt(words, i).text)}`);
		return {
			question: tokenizer.chatTemplate.render([question as ChatMessage], { addGenerationPrompt: true }),
			label: classificationPrompt.answer(generator.task, text.label),
			words: `${listed.join('')}${endOfTurn}`,
		};
	});
	const encoded = async (part: 'question' | 'label' | 'words'): Promise<number[][]> =>
		(await tokenizer.encodeBatch(exercises.map((exercise) => exercise[part]))).map(({ ids }) => [...ids]);
	const [questions, labels, words] = [await encoded('question'), await encoded('label'), await encoded('words')];
	return questions.map((question, i) => {
		const [label, listed] = [itemAt(labels, i), itemAt(words, i)];
		const weights = [question.map(() => 0), label.map(() => labelWeight), listed.map(() => 1)];
		return { ids: [...question, ...label, ...listed], weights: weights.flat() };
	});
}

/** What the chat template puts after each turn. */
const endOfTurn = '<|end|>';

/** A label is one token among the many of a list. */
const labelWeight = 4;

/** Share of the examples whose text has little but the deciding words. */
const shortenedShare = 0.25;

function sometimesShortened(example: PlantedExample, seed: number): PlantedExample {
	return seededRandom(seed, 'shortened', example.id).next() < shortenedShare ? shortened(example) : example;
}

/** Returns the example with only those sentences that hold a deciding word; a segment without any keeps its first. */
function shortened(example: PlantedExample): PlantedExample {
	const kept = example.segments.map(({ name, text }, segment) => {
		const deciding = example.annotations.flatMap(({ spans }) => spans.filter((place) => place.segment === segment));
		const sentences = [...text.matchAll(/[^.]+\.?\s*/gu)].map((match) => ({ start: match.index, text: match[0] }));
		const holds = (sentence: { start: number; text: string }): boolean =>
			deciding.some(({ span }) => span.start >= sentence.start && span.end <= sentence.start + sentence.text.length);
		const wanted = sentences.some(holds) ? sentences.filter(holds) : sentences.slice(0, 1);
		return { name, sentences: wanted };
	});
	const spans = example.annotations
		.flatMap((annotation) => annotation.spans)
		.flatMap(({ segment, span }) => {
			let offset = 0;
			for (const sentence of itemAt(kept, segment).sentences) {
				const inside = span.start >= sentence.start && span.end <= sentence.start + sentence.text.length;
				const shift = offset - sentence.start;
				if (inside) return [{ segment, span: { start: span.start + shift, end: span.end + shift } }];
				offset += sentence.text.length;
			}
			return [];
		});
	const segments = kept.map(({ name, sentences }) =>
		segmentOf(
			name,
			sentences
				.map(({ text }) => text)
				.join('')
				.trimEnd(),
		),
	);
	return { ...example, segments, annotations: [{ annotator: 'planted', spans }] };
}

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
	return [...planted, ...others].slice(0, k).map((i) => bare(itemAt(words, i).text));
}

function plantedWords(example: PlantedExample): number[] {
	return example.annotations.flatMap((annotation) => annotatedWords(example, annotation));
}

/** Returns a word without the punctuation around it. */
function bare(word: string): string {
	return word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
}
