/** From scores to a rationale: how many words, and which (docs/methods.md B.4, B.5). Letter: W words of the example. */
import { countOfShare } from '../core/countOfShare.ts';
import { InternalError, UserError } from '../core/errors.ts';
import { type Example, exampleWords } from '../core/example.ts';
import { itemAt } from '../core/present.ts';
import { seededRandom } from '../core/random.ts';
import { hasValue, missing, type Missing } from '../core/score.ts';
import type { Score } from '../core/score.ts';
import { unitsOf } from './perturbation/units.ts';
import { bestSpan, spansOf } from './spanSelection.ts';
import type { Attribution } from './attribution.ts';

/** What decides the number of words and the order among equals. */
export interface SelectionContext {
	readonly seed: number | string;
	readonly exampleId: string;
	/** W. */
	readonly wordCount: number;
	/** Word numbers of the human rationale, null where the example has none. */
	readonly annotated: readonly number[] | null;
	/** Mean share of annotated words over the dataset (`meanAnnotatedShare`), null where nothing is annotated. */
	readonly meanShare: number | null;
	/** The number of `top_k`, null where the study gives none. */
	readonly fixedCount: number | null;
	/** The share of `top_share`, null or left out where the study gives none. */
	readonly fixedShare?: number | null;
	/** Words that the prompted rationale of this example names; null or left out where there is none. */
	readonly promptedCount?: number | null;
	/** The bound of `threshold`; null or left out where the study gives none. */
	readonly threshold?: Threshold | null;
	/** The rule for the number of words of `contiguous`; `top_var` when left out. */
	readonly guidedBy?: CountedSelectionId;
	/** Where segments and sentences end, for `contiguous` and `sentence`. */
	readonly example?: Example;
}

/**
 * The least score of a chosen word: `share` of the largest score (`maximum`), or at that share of the way from the
 * smallest to the largest one (`range`).
 */
export interface Threshold {
	readonly share: number;
	readonly of: 'maximum' | 'range';
}

/** A rationale: its words, best first, and how many words left out had the same score as the last one chosen. */
export interface Rationale {
	readonly words: readonly number[];
	readonly ties: number;
}

interface SelectionRule {
	readonly title: string;
	/** Returns k; null for the rules that do not begin with a number of words. */
	readonly count: ((context: SelectionContext) => Score) | null;
	/** Whether it is made by what people marked. */
	readonly needsAnnotations?: true;
}

/** All selections by id. */
export const selections = {
	top_var: {
		title: 'as many words as the annotators marked in this example',
		count: annotatedCount,
		needsAnnotations: true,
	},
	top_ratio: {
		title: 'the mean share of marked words, of this example’s words',
		count: meanShareCount,
		needsAnnotations: true,
	},
	top_share: { title: 'a fixed share of this example’s words', count: fixedShareCount },
	top_k: { title: 'a fixed number of words', count: fixedCount },
	own: { title: 'the words the method chose itself', count: null },
	matched: { title: 'as many words as the model itself named in this example', count: promptedCount },
	threshold: { title: 'all words whose score reaches a share of the largest one', count: null },
	contiguous: { title: 'the consecutive words with the largest sum of scores', count: null },
	sentence: { title: 'the whole sentence with the largest sum of scores', count: null },
} as const satisfies Readonly<Record<string, SelectionRule>>;

export type SelectionId = keyof typeof selections;

/** The selections that begin with a number of words. */
export type CountedSelectionId = Exclude<SelectionId, 'own' | 'threshold' | 'contiguous' | 'sentence'>;

export const selectionIds = Object.keys(selections) as readonly SelectionId[];

/** Returns true for a selection that cannot be made where nobody marked words. */
export function needsAnnotations(selection: SelectionId): boolean {
	const rule: SelectionRule = selections[selection];
	return rule.needsAnnotations === true;
}

/**
 * Returns the words with the largest scores, best first; words whose score is null are never chosen. Equal scores are
 * put in a random order that all methods share (seed and example). A method that chose words itself is cut to k in its
 * own order of scores, never filled up. Missing where there is no k: `top_var` without annotation, `own` of a method
 * that only scores; and where the largest score of `threshold` is not positive. `contiguous` and `sentence` take the
 * span with the largest sum, within one segment; its `ties` are other spans with that sum.
 */
export function selectWords(
	selection: SelectionId,
	attribution: Attribution,
	context: SelectionContext,
): Rationale | Missing {
	if (selection === 'own' && attribution.own === null) return { missing: 'the method does not choose words itself' };
	const ordered = orderedCandidates(attribution, context);
	if (selection === 'threshold') return aboveThreshold(ordered, context);
	if (selection === 'contiguous' || selection === 'sentence') return spanChoice(selection, ordered, context);
	const count = selection === 'own' ? { value: ordered.length } : countWords(selection, context);
	if (!hasValue(count)) return count;
	const words = ordered.slice(0, count.value);
	return { words: words.map(({ word }) => word), ties: tiesLeftOut(ordered, words.length) };
}

/** Returns the number of words k of a selection, which a prompt with a given number needs before any score exists. */
export function countWords(selection: CountedSelectionId, context: SelectionContext): Score {
	return selections[selection].count(context);
}

/** Returns the mean of |annotated| / W over the annotated examples with words; null where there is none. */
export function meanAnnotatedShare(
	examples: readonly Pick<SelectionContext, 'annotated' | 'wordCount'>[],
): number | null {
	const shares = examples.flatMap(({ annotated, wordCount }) =>
		annotated === null || wordCount === 0 ? [] : [annotated.length / wordCount],
	);
	return shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

interface Candidate {
	readonly word: number;
	readonly score: number;
}

/** Returns the words that can be chosen, best first. */
function orderedCandidates(attribution: Attribution, context: SelectionContext): Candidate[] {
	const all = Array.from({ length: context.wordCount }, (_, word) => word);
	if (attribution.scores !== null && attribution.scores.length !== context.wordCount)
		throw new InternalError(
			`${attribution.scores.length} scores for the ${context.wordCount} words of ${context.exampleId}`,
		);
	const own = attribution.own === null ? null : new Set(attribution.own);
	const shuffled = seededRandom(context.seed, 'ties', context.exampleId).shuffle(all);
	return shuffled
		.flatMap((word) => {
			const score = attribution.scores === null ? 0 : itemAt(attribution.scores, word);
			return score === null || own?.has(word) === false ? [] : [{ word, score }];
		})
		.toSorted((a, b) => b.score - a.score);
}

/** Every word that reaches the bound, so that no equal is left out. */
function aboveThreshold(ordered: readonly Candidate[], { threshold = null }: SelectionContext): Rationale | Missing {
	if (threshold === null) return { missing: 'the study gives no threshold' };
	const [largest, smallest] = [ordered[0]?.score, ordered.at(-1)?.score];
	if (largest === undefined || smallest === undefined) return { missing: 'no word has a score' };
	const { share, of } = threshold;
	if (of === 'maximum' && largest <= 0) return { missing: 'no score is positive' };
	const bound = of === 'maximum' ? share * largest : smallest + share * (largest - smallest);
	return { words: ordered.flatMap(({ word, score }) => (score >= bound ? [word] : [])), ties: 0 };
}

function spanChoice(
	selection: 'contiguous' | 'sentence',
	candidates: readonly Candidate[],
	context: SelectionContext,
): Rationale | Missing {
	const { example } = context;
	if (example === undefined) throw new InternalError(`selection ${selection} of ${context.exampleId} without its text`);
	const count = selection === 'sentence' ? { value: 0 } : countWords(context.guidedBy ?? 'top_var', context);
	if (!hasValue(count)) return count;
	const scores: (number | null)[] = Array.from({ length: context.wordCount }, () => null);
	for (const { word, score } of candidates) scores[word] = score;
	const all = [...exampleWords(example).keys()];
	const groups = unitsOf(selection === 'sentence' ? 'sentence' : 'segment', example, all);
	const spans = selection === 'sentence' ? groups : spansOf(groups, count.value);
	const random = seededRandom(context.seed, 'tied spans', context.exampleId);
	return bestSpan(spans, scores, random) ?? { missing: 'no word has a score' };
}

function tiesLeftOut(ordered: readonly Candidate[], chosen: number): number {
	const last = ordered[chosen - 1];
	return last === undefined ? 0 : ordered.slice(chosen).filter(({ score }) => score === last.score).length;
}

function annotatedCount({ annotated }: SelectionContext): Score {
	if (annotated === null) return missing('no annotation');
	return annotated.length === 0 ? missing('the annotation marks no word') : { value: annotated.length };
}

function meanShareCount({ meanShare, wordCount }: SelectionContext): Score {
	if (meanShare === null) return missing('no example of the dataset is annotated');
	return { value: countOfShare(meanShare, wordCount) };
}

function fixedShareCount({ fixedShare = null, wordCount }: SelectionContext): Score {
	if (fixedShare === null) return missing('the study gives no share of words for top_share');
	return { value: countOfShare(fixedShare, wordCount) };
}

function promptedCount({ promptedCount: count = null }: SelectionContext): Score {
	if (count === null) return missing('the model named no words');
	return count === 0 ? missing('the prompted rationale is empty') : { value: count };
}

function fixedCount({ fixedCount: count }: SelectionContext): Score {
	if (count === null) return missing('the study gives no number of words for top_k');
	if (Number.isInteger(count) && count >= 1) return { value: count };
	throw new UserError(`selection top_k: the number of words must be a whole number of at least 1, got ${count}.`);
}
