/** One example of the main job, as in its file and as tokens. */
import type { LanguageModel } from '../../src/api/index.ts';
import { itemAt } from '../../src/core/present.ts';

export interface JobExample {
	readonly id: string;
	readonly prefix: string;
	readonly words: readonly string[];
	readonly suffix: string;
	readonly labels: readonly string[];
}

export interface TokenisedExample {
	readonly ids: readonly number[];
	/** Positions of each word's tokens. */
	readonly words: readonly (readonly number[])[];
	readonly labels: readonly string[];
	/** The first token of each label; labels may share one. */
	readonly labelTokens: readonly number[];
	/** The token of a single space, which stands for a masked token. */
	readonly space: number;
}

/** Returns the example's tokens; each piece is tokenised by itself, words after the first with a leading space. */
export async function tokeniseExample(model: LanguageModel, example: JobExample): Promise<TokenisedExample> {
	const encode = async (text: string): Promise<readonly number[]> => (await model.encode(text)).ids;
	const prefix = await encode(example.prefix);
	const pieces = await Promise.all(example.words.map((word, i) => encode(i === 0 ? word : ` ${word}`)));
	let place = prefix.length;
	const words = pieces.map((piece) => piece.map(() => place++));
	const firstOf = async (text: string): Promise<number> => itemAt(await encode(text), 0);
	return {
		ids: [...prefix, ...pieces.flat(), ...(await encode(example.suffix))],
		words,
		labels: example.labels,
		labelTokens: await Promise.all(example.labels.map(firstOf)),
		space: await firstOf(' '),
	};
}

/** Returns the place of the first token of the first word. */
export function startOf({ words }: Pick<TokenisedExample, 'words'>): number {
	return itemAt(itemAt(words, 0), 0);
}

/** Returns the example after another beginning of the same length. */
export function withOtherPrefix(example: TokenisedExample): TokenisedExample {
	const start = startOf(example);
	return { ...example, ids: [...example.ids.slice(0, start).toReversed(), ...example.ids.slice(start)] };
}

/** Returns the ids with every token of the words masked. */
export function masked({ ids, words, space }: TokenisedExample, chosen: readonly number[]): readonly number[] {
	const hidden = new Set(chosen.flatMap((word) => itemAt(words, word)));
	return ids.map((id, position) => (hidden.has(position) ? space : id));
}
