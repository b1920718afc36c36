/** What a method asks that puts other tokens in place of units instead of leaving them out. Letter: U units. */
import type { TokenIds } from '../../llm/languageModel.ts';

/** What the model says about a prompt with replaced tokens. */
export interface ReplacedPrediction {
	/** Of the explained label, renormalised over the labels. */
	readonly probability: number;
	/** Whether the explained label is still the most probable one. */
	readonly isSame: boolean;
}

export interface ReplacementRequest {
	/** The prompt of the full text. */
	readonly ids: TokenIds;
	/** Token positions of each unit [U], none without; no other position is ever changed. */
	readonly units: readonly (readonly number[])[];
	/** The tokens that replacements are drawn from, evenly; at least one. */
	readonly replacements: TokenIds;
	/** The study's seed; with the example and the method it decides all random draws. */
	readonly seed: number | string;
	readonly exampleId: string;
	/** Most prompts to evaluate; null for the method's own number. */
	readonly evaluations: number | null;
	readonly score: (prompts: readonly TokenIds[]) => Promise<readonly ReplacedPrediction[]>;
}

/**
 * Common English words from everyday life, none of which names an occupation, a feeling or a negation: their tokens are the
 * vocabulary of replacements. A fixed list, and not the model's whole vocabulary, because every tokenizer can encode it
 * (API models have no token ids of their own) and because it holds no control tokens and no fragments of other scripts.
 */
export const replacementText =
	' the a this that each some one two three four of in on at by to from with over under after before and or as while' +
	' it they we he she who which there here now then often later today again also about around between through' +
	' is was has had goes went came made took put keeps holds turns moves stands lies looks reads writes walks' +
	' table chair window door house room street road bridge river lake hill tree leaf garden field farm village town' +
	' city market shop station train boat ship car wheel box bag cup plate spoon knife bread milk apple rice salt' +
	' paper book page letter picture map clock lamp candle rope stone sand wood iron glass wool cloth coat hat shoe' +
	' morning evening night day week month year winter summer spring autumn rain snow wind cloud sun moon star sky' +
	' horse dog cat bird fish sheep cow bee colour red blue green yellow white black round square long short wide' +
	' near far left right north south east west top middle end side part kind number name line point place thing';
