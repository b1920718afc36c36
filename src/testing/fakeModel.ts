/**
 * A language model without weights: a word's influence on a label is a number in a table, and a prompt's label scores
 * are their sum. Attribution is therefore exactly known; answers to prompts are the table's words that occur.
 */
import type { Need } from '../core/declarations.ts';
import { itemAt } from '../core/present.ts';
import { generateAfterThought, scoreAfterThought } from '../llm/generation/thoughts.ts';
import { ListWriter } from '../llm/generation/listConstraint.ts';
import type {
	EncodedText,
	GeneratedTokens,
	LabelScores,
	LanguageModel,
	LikelyToken,
	MultiPassRequest,
	PassOutput,
	Target,
	TokenIds,
} from '../llm/languageModel.ts';
import type { AnswerProblem } from '../core/answerProblem.ts';

/** Logit that a lower-case word adds to a verbalizer, wherever in the prompt it stands. */
export type WordWeights = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface FakeModelOptions {
	readonly id?: string;
	readonly weights: WordWeights;
	/** Logit of a verbalizer before any word is read; 0 where not given. */
	readonly bias?: Readonly<Record<string, number>>;
	/** Logits of reduced precision; without them there is one precision. */
	readonly reducedWeights?: WordWeights;
	readonly capabilities?: readonly Need[];
	/** Ids of the only tasks it was taught; left out, it may be asked anything. */
	readonly tasks?: readonly string[];
	readonly contextLength?: number;
	/** True for a model that says a label without probabilities. */
	readonly onlyLabels?: boolean;
	/** What came instead of label scores, by a lower-case word of the prompt. */
	readonly problems?: Readonly<Record<string, AnswerProblem>>;
	/** The answer to a prompt; without it, a JSON list of the table's words in the prompt's last line that has any. */
	readonly answer?: (prompt: string) => string;
	/** Shared by models whose token ids must mean the same. */
	readonly vocabulary?: Vocabulary;
	/** Called before each call to the model proper with how many there were; may throw to play a crash. */
	readonly beforeCall?: (count: number) => void;
}

/** How often the model was asked, and about how many prompts. */
export interface FakeCalls {
	scoreLabels: number;
	scoredPrompts: number;
	attribute: number;
	generate: number;
	closed: number;
}

export type FakeModel = LanguageModel & { readonly calls: FakeCalls };

const PIECE = / ?[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]|\s/gu;

/** Returns a fake model; equal options give equal models. */
export function createFakeModel(options: FakeModelOptions): FakeModel {
	const vocabulary = options.vocabulary ?? createVocabulary();
	const calls: FakeCalls = { scoreLabels: 0, scoredPrompts: 0, attribute: 0, generate: 0, closed: 0 };
	const count = (): void => options.beforeCall?.(calls.scoreLabels + calls.attribute + calls.generate);
	const model: FakeModel = {
		id: options.id ?? 'fake',
		identity: `fake:${JSON.stringify([options.weights, options.bias ?? {}])}`,
		specialTokens: ['<|end|>'],
		controlTokens: ['<|end|>'],
		...(options.tasks === undefined ? {} : { tasks: options.tasks }),
		capabilities: new Set(
			options.capabilities ?? [
				...(['attention', 'gradients', 'attentionBlocking'] as const),
				...(['labelScores', 'generation', 'constrainedGeneration'] as const),
			],
		),
		contextLength: options.contextLength ?? 4096,
		calls,
		encode: async (text) => vocabulary.encode(text),
		decode: async (ids) => vocabulary.decode(ids),
		renderChat: (messages) => `${messages.map(({ role, content }) => `<${role}>\n${content}\n`).join('')}<assistant>\n`,
		...(options.reducedWeights === undefined ? {} : { reducedPrecision: 'other weights' }),
		scoreLabels: async (prompts, answers, { reasoning, ...scoring } = {}) => {
			if (reasoning !== undefined) return scoreAfterThought(model, prompts, answers, { ...scoring, reasoning });
			const { blocked = [], precision = 'full', labelOf, likeliest = 0 } = scoring;
			count();
			calls.scoreLabels += 1;
			calls.scoredPrompts += prompts.length;
			const weights = precision === 'reduced' ? (options.reducedWeights ?? options.weights) : options.weights;
			return prompts.map((prompt, i) => {
				const kept = prompt.map((_, position) => (blocked[i]?.includes(position) === true ? 0 : 1));
				const labels = firstAnswers(answers, labelOf);
				const scores = scoreLabels({ ...options, weights }, vocabulary, prompt, labels, kept);
				return {
					...scores,
					...(labelOf === undefined ? {} : { answers: answersOf(scores, labelOf) }),
					...(likeliest === 0 ? {} : { likeliest: likeliestOf(vocabulary, labels, scores, likeliest) }),
				};
			});
		},
		attribute: async (prompts, targets, outputs) => {
			count();
			calls.attribute += 1;
			return prompts.map((prompt, i) => {
				const scores = attributions(options, vocabulary, prompt, targets[i]);
				return Object.fromEntries(outputs.map((output) => [output, Float32Array.from(scores[output]())]));
			});
		},
		attributeByPasses: async (prompts, { kind }) => {
			count();
			calls.attribute += 1;
			return prompts.map(({ ids, target }) => ({
				scores: Float32Array.from(attributions(options, vocabulary, ids, target)[outputOfKind[kind]]()),
				diagnostics: { passes: 1 },
			}));
		},
		// As of embeddings without end: exactly the expected share of a token is left, in every draw.
		scoreSoftly: async (prompts, answers, labelOf) => {
			const labels = firstAnswers(answers, labelOf);
			count();
			calls.scoreLabels += 1;
			return prompts.map(({ ids, explained, keeps, draws }) =>
				keeps.map((keep) => {
					const kept = ids.map((_, place) => keep[explained.indexOf(place)] ?? 1);
					const { logProbabilities } = scoreLabels(options, vocabulary, ids, labels, kept);
					return Array.from({ length: draws }, () => [...logProbabilities]);
				}),
			);
		},
		generate: async (prompts, { reasoning, ...asked }) => {
			if (reasoning !== undefined) return generateAfterThought(model, prompts, { ...asked, reasoning });
			const { maxNewTokens, constraints } = asked;
			count();
			calls.generate += 1;
			return prompts.map((prompt, i) => {
				const constraint = constraints?.[i];
				if (constraint === undefined) return generate(options, vocabulary, prompt, maxNewTokens);
				return { ids: writeList(options, vocabulary, new ListWriter(constraint, maxNewTokens)), ended: 'stop' };
			});
		},
		close: async () => {
			calls.closed += 1;
		},
	};
	return model;
}

export interface Vocabulary {
	encode(text: string): EncodedText;
	decode(ids: TokenIds): string;
}

/** Numbers pieces in the order in which they are first seen. */
export function createVocabulary(): Vocabulary {
	const pieces: string[] = [];
	const idOf = new Map<string, number>();
	const intern = (piece: string): number => {
		const id = idOf.get(piece) ?? pieces.push(piece) - 1;
		idOf.set(piece, id);
		return id;
	};
	return {
		encode: (text) => {
			const matches = [...text.matchAll(PIECE)];
			return {
				ids: matches.map(([piece]) => intern(piece)),
				spans: matches.map((match) => ({ start: match.index, end: match.index + match[0].length })),
			};
		},
		decode: (ids) => ids.map((id) => itemAt(pieces, id)).join(''),
	};
}

function scoreLabels(
	{ weights, bias, onlyLabels, problems }: FakeModelOptions,
	vocabulary: Vocabulary,
	prompt: TokenIds,
	labels: readonly TokenIds[],
	kept: readonly number[] = prompt.map(() => 1),
): LabelScores {
	const words = prompt.map((token) => wordOf(vocabulary, token));
	const problem = words.flatMap((word) => problems?.[word] ?? [])[0];
	const nothing = { logProbabilities: labels.map(() => NaN), mass: NaN };
	if (problem !== undefined) return { ...nothing, problem };
	const logits = labels.map((label) => {
		const verbalizer = vocabulary.decode(label).trim();
		const influences = prompt.map(
			(token, place) => (kept[place] ?? 1) * (weights[wordOf(vocabulary, token)]?.[verbalizer] ?? 0),
		);
		return influences.reduce((sum, value) => sum + value, bias?.[verbalizer] ?? 0);
	});
	if (onlyLabels === true) return { ...nothing, chosen: logits.indexOf(Math.max(...logits)) };
	const partition = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
	const mass = 0.9;
	return { logProbabilities: logits.map((logit) => logit - partition + Math.log(mass)), mass };
}

/** A label's first answer stands for all of them. */
function firstAnswers(answers: readonly TokenIds[], labelOf: readonly number[] | undefined): readonly TokenIds[] {
	return labelOf === undefined ? answers : answers.filter((_, a) => labelOf.indexOf(itemAt(labelOf, a)) === a);
}

/** Every answer for a label is as probable as the others. */
function answersOf({ logProbabilities }: LabelScores, labelOf: readonly number[]): number[] {
	return labelOf.map((own) => {
		const count = labelOf.filter((label) => label === own).length;
		return itemAt(logProbabilities, own) - Math.log(count);
	});
}

/** The model would say nothing but labels; none where it gives no probabilities. */
function likeliestOf(
	vocabulary: Vocabulary,
	labels: readonly TokenIds[],
	{ logProbabilities }: LabelScores,
	count: number,
): LikelyToken[] {
	return labels
		.map((label, c) => ({ text: vocabulary.decode(label), logProbability: itemAt(logProbabilities, c) }))
		.filter(({ logProbability }) => Number.isFinite(logProbability))
		.toSorted((a, b) => b.logProbability - a.logProbability)
		.slice(0, count);
}

/**
 * What several passes give on a linear model: on every way to a text without influence the gradient is the same, noise
 * changes nothing of it, and setting a token's values to 0 takes away what attention reads there.
 */
const outputOfKind: Readonly<Record<MultiPassRequest['kind'], Attributed>> = {
	integratedGradients: 'gradientXInput.dot',
	smoothGradient: 'gradient.l2',
	gradientShap: 'gradientXInput.dot',
	valueZeroing: 'valueZeroing',
	altiLogit: 'gradientXInput.dot',
};

/** What can be said of the tokens of a prompt. */
type Attributed = PassOutput | 'valueZeroing';

/** The model is linear: a token's gradient is what it adds to the target. */
function attributions(
	{ weights }: FakeModelOptions,
	vocabulary: Vocabulary,
	prompt: TokenIds,
	target: Target | undefined,
): Readonly<Record<Attributed, () => number[]>> {
	const pieces = (target?.tokens ?? []).map((token) => wordOf(vocabulary, token));
	const influence = prompt.map((token) => {
		const row = Object.entries(weights[wordOf(vocabulary, token)] ?? {});
		const on = (piece: string): number =>
			row.find(([verbalizer]) => verbalizer.toLowerCase().split(' ').includes(piece))?.[1] ?? 0;
		return pieces.reduce((sum, piece, i) => sum + itemAt(target?.weights ?? [], i) * on(piece), 0);
	});
	const total = influence.reduce((sum, value) => sum + Math.abs(value) + 1, 0);
	return {
		attention: () => influence.map((value) => (Math.abs(value) + 1) / total),
		attentionRollout: () => influence.map((value) => (Math.abs(value) + 1) / total),
		gradientAttention: () => influence.map(Math.abs),
		'gradient.l1': () => influence.map(Math.abs),
		'gradient.l2': () => influence.map(Math.abs),
		'gradientXInput.dot': () => influence,
		'gradientXInput.l2': () => influence.map(Math.abs),
		cpLrp: () => influence,
		attnLrp: () => influence,
		gim: () => influence,
		// No target decides it.
		valueZeroing: () => prompt.map((token) => 1 + sizeOf(weights[wordOf(vocabulary, token)] ?? {})),
	};
}

function sizeOf(row: Readonly<Record<string, number>>): number {
	return Object.values(row).reduce((sum, value) => sum + Math.abs(value), 0);
}

function generate(options: FakeModelOptions, vocabulary: Vocabulary, prompt: TokenIds, limit: number): GeneratedTokens {
	const text = vocabulary.decode(prompt);
	const { ids } = vocabulary.encode((options.answer ?? listKnownWords(options.weights))(text));
	return ids.length > limit ? { ids: ids.slice(0, limit), ended: 'length' } : { ids, ended: 'stop' };
}

/** Takes, among the allowed tokens, a word of the table first, then the one spelled first in the alphabet. */
function writeList({ weights }: FakeModelOptions, vocabulary: Vocabulary, writer: ListWriter): TokenIds {
	const ids: number[] = [];
	while (writer.allowed.size > 0) {
		const spelled = [...writer.allowed].map((id) => ({ id, text: wordOf(vocabulary, id) }));
		const ordered = spelled.toSorted((a, b) => (a.text < b.text ? -1 : 1));
		const { id } = ordered.find(({ text }) => text in weights) ?? ordered[0] ?? { id: 0 };
		ids.push(id);
		writer.take(id);
	}
	return ids;
}

function listKnownWords(weights: WordWeights): (prompt: string) => string {
	return (prompt) => {
		const known = prompt
			.split('\n')
			.map((line) => line.match(/[\p{L}\p{N}_]+/gu)?.filter((word) => word.toLowerCase() in weights) ?? []);
		return JSON.stringify(known.findLast((words) => words.length > 0) ?? []);
	};
}

function wordOf(vocabulary: Vocabulary, token: number): string {
	return vocabulary.decode([token]).trim().toLowerCase();
}
