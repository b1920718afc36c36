import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { estimate } from '../estimate.ts';
import type { Metric } from '../metric.ts';
import {
	comprehensiveness,
	comprehensivenessVocabulary,
	comprehensivenessAopc,
	comprehensivenessNormalised,
} from './comprehensiveness.ts';
import { curveShares, deletionAuc, insertionAuc } from './curveAreas.ts';
import { logOdds } from './logOdds.ts';
import { type MaskedAnswer, type MaskedAnswers, type MaskedProbabilities, eraserBins } from './maskedProbabilities.ts';
import {
	allMasked,
	bestKept,
	bestMasked,
	chosenKept,
	chosenMasked,
	oneWordMasked,
	randomMasked,
	type SingleText,
} from './maskedText.ts';
import { maskedTextsOf, probabilityMeasuresOf } from './measures.ts';
import { comprehensivenessNaopc, sufficiencyNaopc } from './naopc.ts';
import { piSoftNc, piSoftNs, softNc, softNs, softShares } from './softMeasures.ts';
import { flippingShares, smallestFlippingShare } from './smallestFlippingShare.ts';
import { tauLoo } from './tauLoo.ts';
import { sufficiency, sufficiencyAopc, sufficiencyNormalised, sufficiencyVocabulary } from './sufficiency.ts';

/** An answer that gives the predicted label, `yes`, a probability. */
const answer = (probability: number, mass: number | null = null): MaskedAnswer => ({
	label: probability > 0.5 ? 'yes' : 'no',
	probabilities: { yes: probability, no: 1 - probability },
	mass,
});
const answers = (entries: readonly (readonly [SingleText, MaskedAnswer])[]): MaskedAnswers =>
	Object.fromEntries(entries.map(([{ name }, said]) => [name, said]));

const example: MaskedProbabilities = {
	...{ prediction: 'yes', full: 0.9, mass: 0.8, scores: null, searches: {}, soft: { missing: 'not asked' } },
	answers: {
		...answers([
			[allMasked, answer(0.4)],
			[chosenMasked, answer(0.5, 0.6)],
			[chosenKept, answer(0.8, 1)],
		]),
		[randomMasked.name]: { labels: ['yes', 'yes'], probabilities: [0.9, 0.7] },
	},
};
const withAnswer = (text: SingleText, said: MaskedAnswer): MaskedProbabilities => ({
	...example,
	answers: { ...example.answers, [text.name]: said },
});
/** The example with scores, and answers at shares of the words. */
const curved = (
	textAt: (share: number) => SingleText,
	shares: readonly number[],
	probability: (share: number) => number,
	from = example,
): MaskedProbabilities => ({
	...from,
	scores: [1, 2],
	answers: { ...from.answers, ...answers(shares.map((share) => [textAt(share), answer(probability(share))])) },
});
const value = (metric: Metric<MaskedProbabilities>, ...examples: MaskedProbabilities[]) =>
	estimate(metric, examples, { seed: 1, resamples: 10 });

describe('by hand', () => {
	test('comprehensiveness and its share of the largest drop', () => {
		expect(value(comprehensiveness, example).value).toBeCloseTo(0.4, 12);
		expect(value(comprehensiveness, example).chance).toBeCloseTo(0.1, 12);
		expect(value(comprehensivenessNormalised, example).value).toBeCloseTo(0.8, 12);
		expect(value(comprehensivenessNormalised, example).chance).toBeCloseTo(0.2, 12);
	});

	test('in the whole vocabulary, what all labels together lose counts too', () => {
		expect(value(comprehensivenessVocabulary, example).value).toBeCloseTo(0.9 * 0.8 - 0.5 * 0.6, 12);
		expect(value(sufficiencyVocabulary, example).value).toBeCloseTo(0.9 * 0.8 - 0.8, 12);
		const unknown = { ...example, mass: null };
		expect(value(comprehensivenessVocabulary, unknown)).toMatchObject({ value: null, missing: 1 });
	});

	test('sufficiency and the share made good', () => {
		expect(value(sufficiency, example).value).toBeCloseTo(0.1, 12);
		// Suff = 1 - 0.1, Suff0 = 1 - 0.5: (0.9 - 0.5) / (1 - 0.5).
		expect(value(sufficiencyNormalised, example).value).toBeCloseTo(0.8, 12);
	});

	test('normalised scores stay in 0..1: more than everything, less than nothing', () => {
		expect(value(comprehensivenessNormalised, withAnswer(chosenMasked, answer(0.1))).value).toBe(1);
		expect(value(comprehensivenessNormalised, withAnswer(chosenMasked, answer(0.95))).value).toBe(0);
		expect(value(sufficiencyNormalised, withAnswer(chosenKept, answer(0.95))).value).toBe(1);
		expect(value(sufficiencyNormalised, withAnswer(chosenKept, answer(0.1))).value).toBe(0);
	});

	test('examples that masking everything does not change are left out of normalised scores', () => {
		const constant = withAnswer(allMasked, answer(0.9));
		const both = value(comprehensivenessNormalised, example, constant);
		expect(both).toMatchObject({ n: 1, missing: 1 });
		expect(both.note).toContain('does not lower the probability (1)');
		expect(value(sufficiencyNormalised, constant)).toMatchObject({ value: null, n: 0, missing: 1 });
		expect(value(comprehensiveness, example, constant).n).toBe(2);
	});

	test('log-odds at 20 %', () => {
		const masked = curved(bestMasked, eraserBins, (share) => 0.9 - share);
		expect(value(logOdds, masked).value).toBeCloseTo(Math.log(0.7 / 0.9), 12);
		const gone = curved(bestMasked, eraserBins, () => 0);
		expect(value(logOdds, gone).value).toBeCloseTo(Math.log(1e-12 / 0.9), 12);
	});

	test('areas of a straight line and of a step', () => {
		const falling = curved(bestMasked, curveShares, (f) => 1 - f);
		const line = curved(bestKept, curveShares, (f) => f, falling);
		expect(value(deletionAuc, line).value).toBeCloseTo(0.5, 12);
		expect(value(insertionAuc, line).value).toBeCloseTo(0.5, 12);
		const step = curved(bestMasked, curveShares, (share) => (share === 0 ? 1 : 0));
		expect(value(deletionAuc, step).value).toBeCloseTo(0.025, 12);
		expect(
			value(
				deletionAuc,
				curved(bestMasked, curveShares.slice(1), (f) => 1 - f),
			).value,
		).toBeNull();
	});

	test('smallest flipping share, 1 where nothing flips', () => {
		const flips = curved(bestMasked, flippingShares, (share) => (share < 0.3 ? 0.9 : 0.1));
		const never = curved(bestMasked, flippingShares, () => 0.9);
		expect(value(smallestFlippingShare, flips).value).toBe(0.3);
		expect(value(smallestFlippingShare, never).value).toBe(1);
	});

	test('no rationale, no scores: missing, never zero', () => {
		const none = { ...example, answers: {} };
		for (const metric of [comprehensiveness, sufficiency, comprehensivenessAopc, deletionAuc, smallestFlippingShare])
			expect(value(metric, none)).toMatchObject({ value: null, n: 0, missing: 1 });
	});
});

test('measures share their predictions', () => {
	const measures = probabilityMeasuresOf(['log_odds', 'flip_rate', 'comprehensiveness', 'sufficiency']);
	const bins = ['0.01', '0.05', '0.1', '0.2', '0.5'];
	expect(maskedTextsOf(measures).map(({ name }) => name)).toEqual([
		...['all', 'masked', 'control', 'kept'],
		...[...bins.map((bin) => `masked ${bin}`), ...bins.map((bin) => `kept ${bin}`)],
	]);
	expect(probabilityMeasuresOf(['flip_rate'])).toEqual([]);
});

test('the numbers of ERASER’s own scorer', () => {
	const distribution = z.record(z.string(), z.number());
	const line = z.object({
		classification: z.string(),
		classification_scores: distribution,
		comprehensiveness_classification_scores: distribution,
		sufficiency_classification_scores: distribution,
		thresholded_scores: z.array(
			z.object({
				threshold: z.number(),
				comprehensiveness_classification_scores: distribution,
				sufficiency_classification_scores: distribution,
			}),
		),
	});
	const read = (name: string): string =>
		readFileSync(new URL(`../../../fixtures/metrics/${name}`, import.meta.url), 'utf8');
	const lines = read('predictions.jsonl').trim().split('\n');
	const examples = lines.map((text): MaskedProbabilities => {
		const found = line.parse(JSON.parse(text));
		const said = (probabilities: Readonly<Record<string, number>>): MaskedAnswer => ({
			...{ label: '', probabilities, mass: null },
		});
		return {
			...{ ...example, scores: [], prediction: found.classification },
			full: found.classification_scores[found.classification] ?? NaN,
			answers: answers([
				[chosenMasked, said(found.comprehensiveness_classification_scores)],
				[chosenKept, said(found.sufficiency_classification_scores)],
				...found.thresholded_scores.flatMap((point) => [
					[bestMasked(point.threshold), said(point.comprehensiveness_classification_scores)] as const,
					[bestKept(point.threshold), said(point.sufficiency_classification_scores)] as const,
				]),
			]),
		};
	});
	const scores = z.object({ classification_scores: z.looseObject({}) }).parse(JSON.parse(read('eraser_scores.json')));
	const published = (key: string): number => Number(scores.classification_scores[key]);
	expect(value(comprehensiveness, ...examples).value).toBeCloseTo(published('comprehensiveness'), 9);
	expect(value(sufficiency, ...examples).value).toBeCloseTo(published('sufficiency'), 9);
	expect(value(comprehensivenessAopc, ...examples).value).toBeCloseTo(published('comprehensiveness_aopc'), 9);
	expect(value(sufficiencyAopc, ...examples).value).toBeCloseTo(published('sufficiency_aopc'), 9);
});

describe('soft masking', () => {
	const soft = (own: number, at: (pi: number) => number): MaskedProbabilities => ({
		...example,
		soft: {
			empty: 0.4,
			variants: (['comprehensiveness', 'sufficiency'] as const).flatMap((side) => [
				{ side, pi: null, draws: [own, own] },
				...softShares.map((pi) => ({ side, pi, draws: [at(pi)] })),
			]),
		},
	});

	test('at the scores’ own size: the share of the largest drop that is taken, or left', () => {
		const own = soft(0.6, () => 0.9);
		expect(value(softNc, own).value).toBeCloseTo((0.9 - 0.6) / 0.5, 12);
		expect(value(softNs, own).value).toBeCloseTo(1 - (0.9 - 0.6) / 0.5, 12);
	});

	test('at equal lengths: the mean over the shares', () => {
		// m falls from 0.85 to 0.45 as pi goes from 0.1 to 0.9: the drops are 0.1 + (pi - 0.1) of the largest.
		const falling = soft(0.9, (pi) => 0.9 - 0.5 * pi);
		expect(value(piSoftNc, falling).value).toBeCloseTo(0.5, 12);
		expect(value(piSoftNs, falling).value).toBeCloseTo(0.5, 12);
	});

	test('is missing where nobody asked', () => {
		expect(value(softNc, example)).toMatchObject({ value: null, missing: 1 });
	});
});

describe('agreement with leave-one-out', () => {
	const alone = (
		probabilities: readonly (number | null)[],
		scores: readonly (number | null)[],
	): MaskedProbabilities => ({
		...example,
		scores,
		answers: { [oneWordMasked.name]: { labels: probabilities.map(() => 'yes'), probabilities } },
	});

	test('leaves out words that have no score or cannot be masked', () => {
		// Drops 0.5, 0.1, 0.3 by scores 3, 1, 2: the same order.
		expect(value(tauLoo, alone([0.4, null, 0.8, 0.6, 0.1], [3, 9, 1, 2, null])).value).toBeCloseTo(1, 12);
		expect(value(tauLoo, alone([0.8, 0.4], [3, 1])).value).toBeCloseTo(-1, 12);
	});

	test('is missing without scores, and where all are equal', () => {
		expect(value(tauLoo, example)).toMatchObject({ value: null, missing: 1 });
		expect(value(tauLoo, alone([0.4, 0.4], [1, 2])).note).toContain('scores or drops are all equal');
	});
});

describe('AOPC between the limits of the text', () => {
	// The mean drop over the bins is 0.2 masked, 0.3 kept.
	const masked = curved(bestMasked, eraserBins, () => 0.7);
	const limits = (limitsMasked: Record<string, number>, limitsKept: Record<string, number>): MaskedProbabilities => ({
		...curved(bestKept, eraserBins, () => 0.6, masked),
		searches: { 'limits masked': limitsMasked, 'limits kept': limitsKept },
	});
	const own = limits({ lowest: 0.1, highest: 0.5 }, { lowest: 0.3, highest: 0.7 });

	test('is where the value lies between them', () => {
		expect(value(comprehensivenessNaopc, own).value).toBeCloseTo(0.25, 12);
		expect(value(sufficiencyNaopc, own).value).toBeCloseTo(0, 12);
	});

	test('moves limits that the search missed', () => {
		const beyond = limits({ lowest: 0, highest: 0.1 }, { lowest: 0, highest: 1 });
		expect(value(comprehensivenessNaopc, beyond).value).toBeCloseTo(1, 12);
	});

	test('is missing where all orders take the same, or nobody searched', () => {
		const flat = { lowest: 0.2, highest: 0.2 };
		expect(value(comprehensivenessNaopc, limits(flat, flat)).missing).toBe(1);
		expect(value(comprehensivenessNaopc, { ...own, searches: {} }).missing).toBe(1);
	});
});
