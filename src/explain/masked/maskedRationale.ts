/** From explanations to the masked prompts that a study asks about; nothing here asks a model. */
import { countOfShare } from '../../core/countOfShare.ts';
import { seededRandom } from '../../core/random.ts';
import {
	bestMasked,
	chosenMasked,
	type MaskableWords,
	type MaskedText,
	randomMasked,
} from '../../evaluation/faithfulness/maskedText.ts';
import { maskedTextsOf, probabilityMeasuresOf } from '../../evaluation/faithfulness/measures.ts';
import { type MaskedPrompt, type MaskingId, maskings, maskWords } from '../../rationales/masking.ts';
import { matchedMethod } from '../../rationales/methods.ts';
import { type Rationale, type SelectionId, selectWords } from '../../rationales/selection.ts';
import { type ChoiceRules, type EncodedExample, type Explanation, selectionContext } from '../context.ts';
import type { RationaleSettings } from '../settings.ts';

/** A masked text of one example under one masking: a prompt, or a prompt for each of a series. */
export interface TextPrompts {
	readonly masking: MaskingId;
	readonly text: MaskedText;
	/** Null for words that cannot be told. */
	readonly prompts: readonly (MaskedPrompt | null)[];
}

/** A choice of words with its masked texts. */
export interface MaskedSelection extends Rationale {
	readonly selection: SelectionId;
	readonly texts: readonly TextPrompts[];
}

/** What is asked about what one method says of one example. */
export interface MaskedRationale {
	/** Made from the text and the scores, by masking. */
	readonly texts: readonly TextPrompts[];
	readonly selections: readonly MaskedSelection[];
	/** The best share of the words masked by the study's first masking; null for methods without scores. */
	readonly curve: readonly (TextPrompts & { readonly share: number })[] | null;
}

/** Returns for one example what is asked about each method's explanation; null where there is none. */
export function maskedRationales(
	rules: ChoiceRules,
	example: EncodedExample,
	explanations: readonly Explanation[],
): (MaskedRationale | null)[] {
	const promptedCount = promptedCountOf(rules.settings, explanations);
	return explanations.map((explanation) =>
		'missing' in explanation ? null : maskedRationale(rules, example, explanation, promptedCount),
	);
}

/** Returns the prompts in the order in which they are asked. */
export function promptsOf(rationales: readonly (MaskedRationale | null)[]): MaskedPrompt[] {
	const texts = rationales.flatMap((rationale) =>
		rationale === null
			? []
			: [
					...rationale.texts,
					...rationale.selections.flatMap((selection) => selection.texts),
					...(rationale.curve ?? []),
				],
	);
	return texts.flatMap(({ prompts }) => prompts.filter((prompt) => prompt !== null));
}

type Explained = Exclude<Explanation, { readonly missing: string }>;

function maskedRationale(
	rules: ChoiceRules,
	example: EncodedExample,
	{ attribution }: Explained,
	promptedCount: number | null,
): MaskedRationale {
	const { settings } = rules;
	const context = { ...selectionContext(rules, example), promptedCount };
	const best = (share: number): readonly number[] | null => {
		if (share === 0) return [];
		const fixedCount = countOfShare(share, example.wordCount);
		const choice = selectWords('top_k', attribution, { ...context, fixedCount });
		return 'missing' in choice ? null : choice.words;
	};
	const { wordCount, eligible } = example;
	const words: MaskableWords = { wordCount, eligible, best, chosen: [], draws: [] };
	const asked = maskedTextsOf(probabilityMeasuresOf(settings.measures));
	const ofRationale = asked.filter(
		({ askedOf }) => askedOf === 'rationale' || (askedOf === 'scores' && attribution.own === null),
	);
	const ofChoice = choiceTexts(asked);
	return {
		texts: settings.maskings.flatMap((masking) => ofRationale.map((text) => promptsFor(example, masking, text, words))),
		selections: settings.selections.flatMap((selection) => {
			const choice = selectWords(selection, attribution, context);
			if ('missing' in choice) return [];
			const draws = controlWords(settings, example, choice.words.length);
			const own = { ...words, chosen: choice.words, draws };
			const texts = ofChoice.flatMap((text) =>
				settings.maskings.map((masking) => promptsFor(example, masking, text, own)),
			);
			return [{ selection, ...choice, texts }];
		}),
		curve: attribution.own === null ? curveOf(settings, example, words) : null,
	};
}

/** Labels of the chosen and of random words are in every record, whatever a study measures. */
function choiceTexts(asked: readonly MaskedText[]): MaskedText[] {
	const always: readonly MaskedText[] = [chosenMasked, randomMasked];
	const names = new Set(always.map(({ name }) => name));
	return [...always, ...asked.filter(({ askedOf, name }) => askedOf === 'choice' && !names.has(name))];
}

function promptsFor(
	{ prompt }: EncodedExample,
	masking: MaskingId,
	text: MaskedText,
	words: MaskableWords,
): TextPrompts {
	const sets = 'series' in text ? text.series(words) : [text.words(words)];
	return { masking, text, prompts: sets.map((set) => set && maskWords(maskings[masking], prompt, set)) };
}

function curveOf({ maskings: [masking], curve }: RationaleSettings, example: EncodedExample, words: MaskableWords) {
	if (masking === undefined || curve.length === 0) return null;
	return curve.map((share) => ({ share, ...promptsFor(example, masking, bestMasked(share), words) }));
}

/** Returns how many words the rationale has whose length `matched` takes; null where there is none. */
function promptedCountOf({ methods }: RationaleSettings, explanations: readonly Explanation[]): number | null {
	const method = matchedMethod(methods);
	const explanation = method === null ? undefined : explanations[methods.indexOf(method)];
	if (explanation === undefined || 'missing' in explanation) return null;
	return explanation.attribution.own?.length ?? null;
}

/** Returns the random words of each control draw: the same for all methods that choose as many words. */
function controlWords(
	{ seed, controlDraws }: RationaleSettings,
	{ example, eligible }: EncodedExample,
	size: number,
): number[][] {
	return Array.from({ length: controlDraws }, (_, draw) =>
		seededRandom(seed, 'control', example.id, size, draw).sample(eligible, size),
	);
}
