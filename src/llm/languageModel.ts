/**
 * The one interface through which everything else uses a language model. Letters: T tokens of one prompt, C labels.
 * Prompts are token ids; masking happens on them, never on text.
 */
import type { Need } from '../core/declarations.ts';
import type { Span } from '../core/example.ts';

export type TokenIds = readonly number[];

/** A text as tokens: `spans[t]` is the range of UTF-16 code units token t came from (empty where it came from none). */
export interface EncodedText {
	readonly ids: TokenIds;
	readonly spans: readonly Span[];
}

export interface ChatMessage {
	readonly role: 'system' | 'user' | 'assistant';
	readonly content: string;
}

/** Scores of the labels of one prompt. */
export interface LabelScores {
	/** Log-probability [C] of each label's token sequence, or of its first token where these differ between all labels. */
	readonly logProbabilities: readonly number[];
	/** Sum of the labels' probabilities in the whole vocabulary, in [0, 1]: small when the model left the label set. */
	readonly mass: number;
}

/** A linear combination of next-token logits at the last position: t = sum_i weights[i] * z[tokens[i]]. */
export interface Target {
	readonly tokens: TokenIds;
	readonly weights: readonly number[];
}

/**
 * What one forward + backward pass can hand back per token, each [T]:
 * `attention`: last layer, mean of the heads, row of the last position; `gradient.l1/.l2`: norm of dt/dE;
 * `gradientXInput.dot/.l2`: sum, or norm, of E * dt/dE.
 */
export type PassOutput = 'attention' | 'gradient.l1' | 'gradient.l2' | 'gradientXInput.dot' | 'gradientXInput.l2';

export type AttributionPass = Readonly<Partial<Record<PassOutput, Float32Array>>>;

export interface GenerationOptions {
	/** Upper limit of new tokens per prompt; generation also ends at the model's end-of-turn tokens. */
	readonly maxNewTokens: number;
}

/** A new token sequence (end token left out) and why it ended. */
export interface GeneratedTokens {
	readonly ids: TokenIds;
	readonly ended: 'stop' | 'length';
}

export interface LanguageModel {
	/** The name the user gave: `tiny-instruct`, a folder, a hub id. */
	readonly id: string;
	/** Hash of what decides its numbers (config, weights, tokenizer, chat template): part of every cell id. */
	readonly identity: string;
	readonly capabilities: ReadonlySet<Need>;
	/** Strings that the tokenizer turns into control tokens: a text to explain must not hold them. */
	readonly specialTokens: readonly string[];
	/** Longest prompt plus answer, in tokens. */
	readonly contextLength: number;
	/** Tokenises without adding special tokens; those spelled out in the text are recognised. */
	encode(text: string): Promise<EncodedText>;
	decode(ids: TokenIds): Promise<string>;
	/** Applies the chat template, with the header of the assistant's turn at the end unless the last turn is the assistant's. */
	renderChat(messages: readonly ChatMessage[]): string;
	/** Scores each prompt's labels (greedy prediction = argmax). `labels[c]` are the tokens of label c. */
	scoreLabels(prompts: readonly TokenIds[], labels: readonly TokenIds[]): Promise<LabelScores[]>;
	/** Runs one forward and, where asked for, one backward pass per prompt. */
	attribute(
		prompts: readonly TokenIds[],
		targets: readonly Target[],
		outputs: readonly PassOutput[],
	): Promise<AttributionPass[]>;
	/** Greedy generation, batched. */
	generate(prompts: readonly TokenIds[], options: GenerationOptions): Promise<GeneratedTokens[]>;
	close(): Promise<void>;
}
