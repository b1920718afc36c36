/**
 * The one interface through which everything else uses a language model. Letters: T tokens of one prompt, C labels, A answers
 * for them.
 * Prompts are token ids; masking happens on them, never on text.
 */
import type { Need } from '../core/declarations.ts';
import type { Span } from '../core/example.ts';
import type { TemplateVariables } from '../core/task.ts';
import type { ChosenTuning } from './tuning.ts';
import type { MemoryPlan } from './engineSettings.ts';
import type { AnswerProblem } from '../core/answerProblem.ts';

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

/** A token as text. */
export interface LikelyToken {
	readonly text: string;
	/** In the whole vocabulary. */
	readonly logProbability: number;
}

/** Scores of the labels of one prompt. */
export interface LabelScores {
	/**
	 * Log-probability [C] of each label: of the sum over its answers, each its token sequence, or its first token (see
	 * `labelOf`); NaN where the model gives none.
	 */
	readonly logProbabilities: readonly number[];
	/** Of each answer [A]; left out by models that give the labels' alone. */
	readonly answers?: readonly number[];
	/** Sum of the labels' probabilities in the whole vocabulary, in [0, 1]: small when the model left the label set. */
	readonly mass: number;
	/** What the model is most likely to begin its answer with, best first; where it was asked for and the model says so. */
	readonly likeliest?: readonly LikelyToken[];
	/** The label number, where the model says a label but gives no probabilities. */
	readonly chosen?: number;
	/** Why there is neither. */
	readonly problem?: AnswerProblem;
	/** What the model thought before, where it was let think. */
	readonly thought?: Thought;
}

/** A thought that the model wrote before its answer. */
export interface Thought {
	/** Without the marks around it. */
	readonly text: string;
	/** What follows the prompt up to the answer, marks and blanks included; left out behind an API. */
	readonly ids?: TokenIds;
}

/** That a model thinks before it says a label. */
export interface ThoughtOptions {
	/** Most tokens of a thought. */
	readonly tokens: number;
	/** Whether the prompt itself ends with the beginning of the thought. */
	readonly isOpened: boolean;
}

export interface ScoringOptions {
	/**
	 * Per prompt the positions, rising, that no later token attends to, in any layer; all others stay where they are. Not
	 * the last one. Needs `attentionBlocking` where any prompt names one.
	 */
	readonly blocked?: readonly (readonly number[])[];
	/** The labels are scored after a thought that the model writes first. Not together with `blocked`. */
	readonly reasoning?: ThoughtOptions;
	/**
	 * The number of the label, 0 to C - 1, that each answer [A] stands for: answers are then read whole. Left out, each is a label,
	 * and first tokens alone are read where these tell all apart.
	 */
	readonly labelOf?: readonly number[];
	/** How many of the most probable first tokens to tell; none where left out. */
	readonly likeliest?: number;
	/**
	 * `reduced`: as `reducedPrecision` of the model says, where it says anything; `full`: without it; when left out, as the
	 * model predicts where no text is masked.
	 */
	readonly precision?: 'full' | 'reduced';
}

/** A linear combination of next-token logits at the last position: t = sum_i weights[i] * z[tokens[i]]. */
export interface Target {
	readonly tokens: TokenIds;
	readonly weights: readonly number[];
}

/**
 * What one forward + backward pass can hand back per token, [T]: the `output` of a method in
 * `attribution/attributionMethods.ts`, whose file has the formula. Names are part of cell ids: they stay what they are.
 */
export type PassOutput =
	| 'attention'
	| 'attentionRollout'
	| 'gradientAttention'
	| 'gradient.l1'
	| 'gradient.l2'
	| 'gradientXInput.dot'
	| 'gradientXInput.l2'
	| 'cpLrp'
	| 'attnLrp'
	| 'gim';

/** Scores [T] by the outputs that were asked for. */
export type AttributionPass = Readonly<Partial<Record<PassOutput, Float32Array>>>;

/** Layers and heads by number from 0; heads are query heads. */
export interface AttentionChoice {
	readonly layers: 'last' | 'all' | readonly number[];
	readonly heads: 'all' | readonly number[];
}

export interface PassOptions {
	/** For `attention`; the last layer and all heads when left out. */
	readonly attention?: AttentionChoice | undefined;
	/** For `gim`: the token that stands for no word. */
	readonly neutralToken?: number | undefined;
	/** Per prompt the first position whose scores are wanted; those before it may be left out of the computation and are then 0. */
	readonly explainedFrom?: readonly number[] | undefined;
}

/**
 * Attribution that takes several passes per prompt, with z the target, E the embeddings, S the explained positions.
 * `integratedGradients`: `nodes` of Gauss-Legendre between the neutral token on S and E, doubled up to `nodeLimit` until
 * the relative completeness error is at most `tolerance`.
 * `smoothGradient`: norm over D of the mean gradient at `samples` points with noise of `spread` standard deviations of
 * E on S.
 * `gradientShap`: mean of `samples` random points between E and, in turn, each of the `baselines`: a list of one token
 * stands for that token on all of S, a longer one for tokens drawn at each position.
 * `valueZeroing`, `altiLogit`: rollout over layers of each block's token-to-token contributions.
 */
export type MultiPassRequest =
	| {
			readonly kind: 'integratedGradients';
			readonly neutralToken: number;
			readonly nodes: number;
			readonly nodeLimit: number;
			readonly tolerance: number;
	  }
	| { readonly kind: 'smoothGradient'; readonly samples: number; readonly spread: number }
	| { readonly kind: 'gradientShap'; readonly samples: number; readonly baselines: readonly TokenIds[] }
	| { readonly kind: 'valueZeroing' }
	| { readonly kind: 'altiLogit' };

/** A prompt with the part of it that is explained. */
export interface ExplainedPrompt {
	readonly ids: TokenIds;
	readonly target: Target;
	/** S: positions of the tokens of the text, rising, at least one. */
	readonly explained: readonly number[];
	/** Decides all random draws for this prompt. */
	readonly seed: number | string;
}

export interface MultiPassAttribution {
	/** [T]. */
	readonly scores: Float32Array;
	/** What says how far the scores can be trusted, by name; null where a number does not exist. */
	readonly diagnostics: Readonly<Record<string, number | null>>;
}

/** A prompt of whose explained tokens only some dimensions of the embeddings are kept, the others set to 0. */
export interface SoftPrompt {
	readonly ids: TokenIds;
	/** Positions of the tokens of the text, rising, at least one. */
	readonly explained: readonly number[];
	/** Variants: the probability, 0 to 1, with which each dimension of an explained token is kept, one per such token. */
	readonly keeps: readonly (readonly number[])[];
	/** Random draws per variant, which all variants share. */
	readonly draws: number;
	/** Decides the draws. */
	readonly seed: number | string;
}

/** How the next token is drawn. */
export interface Sampling {
	/** Divides the logits; above 0. */
	readonly temperature: number;
	/** Only the most probable tokens that together have this probability are drawn, in (0, 1]. */
	readonly topP: number;
	/** Decides all draws; prompts of one call draw independently. */
	readonly seed: number | string;
}

export interface GenerationOptions {
	/** Upper limit of new tokens per prompt; generation also ends at the model's end-of-turn tokens. */
	readonly maxNewTokens: number;
	/** Left out: the most probable token is taken. Not together with constraints. */
	readonly sampling?: Sampling;
	/** The answer comes after a thought that the model writes first, and that does not count in `maxNewTokens`. */
	readonly reasoning?: ThoughtOptions;
	/** How many of the most probable tokens to report for each new one, 0 or more; left out: nothing is reported. */
	readonly alternatives?: number;
	/**
	 * One per prompt: the answer is the most probable token among those allowed, step by step, and ends with the list.
	 * Empty where `maxNewTokens` has no room for the shortest list.
	 */
	readonly constraints?: readonly ListConstraint[];
}

export interface ScoredToken {
	readonly token: number;
	/** In the whole vocabulary, before temperature and restrictions. */
	readonly logProbability: number;
}

/** A new token and the most probable ones at its place, best first. */
export interface ReportedToken extends ScoredToken {
	readonly alternatives: readonly ScoredToken[];
}

/** A new token sequence (end token left out) and why it ended. */
export interface GeneratedTokens {
	readonly ids: TokenIds;
	readonly ended: 'stop' | 'length';
	/** One per id, where `alternatives` were asked for. */
	readonly reports?: readonly ReportedToken[];
	/** Why there is no answer; then `ids` is empty. */
	readonly problem?: AnswerProblem;
	/** What the model thought before, where it was let think. */
	readonly thought?: Thought;
}

/** Told of each new token of prompt number `prompt` as soon as it is there; `report` where alternatives were asked for. */
export type OnToken = (prompt: number, token: number, report: ReportedToken | undefined) => void;

/** What goes on while texts are generated. */
export interface GenerationWatch {
	readonly onToken?: OnToken;
	/** Ends the generation at the next token; its reason is thrown. */
	readonly signal?: AbortSignal;
}

export interface LanguageModel {
	/** The name the user gave: `tiny-instruct`, a folder, a hub id. */
	readonly id: string;
	/** Hash of what decides its numbers (config, weights, tokenizer, chat template): part of every cell id. */
	readonly identity: string;
	readonly capabilities: ReadonlySet<Need>;
	/** Ids of all tasks it was taught, where it was made for them; left out for models that may be asked anything. */
	readonly tasks?: readonly string[];
	/** Strings that the tokenizer turns into control tokens, which decoded answers never hold. */
	readonly specialTokens: readonly string[];
	/** These and whatever else stands around turns (`<think>`, `[INST]`): nothing that a person writes may hold them. */
	readonly controlTokens: readonly string[];
	/** False where the assistant's turn cannot be begun for the model. */
	readonly continuesAnswers?: false;
	/** Tokens that end an answer; left out by models whose tokens are not known. */
	readonly endTokens?: TokenIds;
	/** Longest prompt plus answer, in tokens. */
	readonly contextLength: number;
	/** What scores of reduced precision are computed with, in words; left out where they are the same as others. */
	readonly reducedPrecision?: string;
	/** What a model on this machine takes; left out for others. */
	readonly memory?: MemoryPlan;
	/** What a model on this machine is computed with; left out for others. */
	readonly tuning?: ChosenTuning;
	/** Tokenises without adding special tokens; those spelled out in the text are recognised. */
	encode(text: string): Promise<EncodedText>;
	decode(ids: TokenIds): Promise<string>;
	/**
	 * Returns how many tokens a text has at the least, told by its length alone, which takes no time; 0 where that cannot be
	 * told. Left out by models without tokens of their own.
	 */
	fewestTokens?(text: string): number;
	/** Applies the chat template, which is told these variables, with the header of the assistant's turn at the end unless the last turn is the assistant's. */
	renderChat(messages: readonly ChatMessage[], variables?: TemplateVariables): string;
	/** Names that the chat template reads and a study may set; left out where there is no template. */
	readonly templateNames?: readonly string[];
	/** Scores each prompt's labels (greedy prediction = argmax) by the tokens of what may be answered for them [A]. */
	scoreLabels(
		prompts: readonly TokenIds[],
		answers: readonly TokenIds[],
		options?: ScoringOptions,
	): Promise<LabelScores[]>;
	/** Runs one forward and, where asked for, one backward pass per prompt. */
	attribute(
		prompts: readonly TokenIds[],
		targets: readonly Target[],
		outputs: readonly PassOutput[],
		options?: PassOptions,
	): Promise<AttributionPass[]>;
	/** Runs several passes per prompt. Throws a UserError where the model's family does not support the request. */
	attributeByPasses(prompts: readonly ExplainedPrompt[], request: MultiPassRequest): Promise<MultiPassAttribution[]>;
	/**
	 * Returns the labels' log-probabilities [C] under soft masking: [prompt][variant][draw][C], of the sum over the first tokens of
	 * a label's answers, which must tell the labels apart; `labelOf` as in `scoreLabels`. Left out by models whose embeddings
	 * cannot be reached.
	 */
	scoreSoftly?(
		prompts: readonly SoftPrompt[],
		answers: readonly TokenIds[],
		labelOf?: readonly number[],
	): Promise<number[][][][]>;
	/** Generation, batched: greedy unless sampling is asked for, restricted where constraints are given. */
	generate(
		prompts: readonly TokenIds[],
		options: GenerationOptions,
		watch?: GenerationWatch,
	): Promise<GeneratedTokens[]>;
	close(): Promise<void>;
}

/** One item, and how often it may be listed. */
export interface ListItem {
	readonly tokens: TokenIds;
	readonly times: number;
}
/** The lists that may be generated: `open`, 1 to `most` items with `between` in between, `close`. */
export interface ListConstraint {
	/** May be empty. */
	readonly open: TokenIds;
	/** No item followed by `between` or `close` begins like another one followed by `between` or `close`, and goes on. */
	readonly items: readonly ListItem[];
	readonly between: TokenIds;
	readonly close: TokenIds;
	readonly most: number;
}
