import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { scored } from '../../core/score.ts';
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
import { probabilityMeasuresOf, sharesOf } from './measures.ts';
import { comprehensivenessNaopc, sufficiencyNaopc } from './naopc.ts';
import { eraserBins, type ProbedExample, type ProbedPoint } from './probedExample.ts';
import { piSoftNc, piSoftNs, softNc, softNs, softShares } from './softMeasures.ts';
import { flippingShares, smallestFlippingShare } from './smallestFlippingShare.ts';
import { sufficiency, sufficiencyAopc, sufficiencyNormalised, sufficiencyVocabulary } from './sufficiency.ts';

const example: ProbedExample = {
	...{ prediction: 'yes', full: 0.9, empty: 0.4, masked: 0.5, kept: 0.8, control: [0.9, 0.7] },
	mass: { full: 0.8, masked: 0.6, kept: 1 },
	...{ maskedCurve: null, keptCurve: null, tauLoo: scored(0), bounds: null, soft: { missing: 'not asked' } },
};
const value = (metric: Metric<ProbedExample>, ...examples: ProbedExample[]) =>
	estimate(metric, examples, { seed: 1, resamples: 10 });
const curve = (shares: readonly number[], probability: (share: number) => number): ProbedPoint[] =>
	shares.map((share) => ({ share, label: probability(share) > 0.5 ? 'yes' : 'no', probability: probability(share) }));

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
		const unknown = { ...example, mass: { full: null, masked: null, kept: null } };
		expect(value(comprehensivenessVocabulary, unknown)).toMatchObject({ value: null, missing: 1 });
	});

	test('sufficiency and the share made good', () => {
		expect(value(sufficiency, example).value).toBeCloseTo(0.1, 12);
		// Suff = 1 - 0.1, Suff0 = 1 - 0.5: (0.9 - 0.5) / (1 - 0.5).
		expect(value(sufficiencyNormalised, example).value).toBeCloseTo(0.8, 12);
	});

	test('normalised scores stay in 0..1: more than everything, less than nothing', () => {
		expect(value(comprehensivenessNormalised, { ...example, masked: 0.1 }).value).toBe(1);
		expect(value(comprehensivenessNormalised, { ...example, masked: 0.95 }).value).toBe(0);
		expect(value(sufficiencyNormalised, { ...example, kept: 0.95 }).value).toBe(1);
		expect(value(sufficiencyNormalised, { ...example, kept: 0.1 }).value).toBe(0);
	});

	test('examples that masking everything does not change are left out of normalised scores', () => {
		const constant = { ...example, full: 0.9, empty: 0.9 };
		const both = value(comprehensivenessNormalised, example, constant);
		expect(both).toMatchObject({ n: 1, missing: 1 });
		expect(both.note).toContain('does not lower the probability (1)');
		expect(value(sufficiencyNormalised, constant)).toMatchObject({ value: null, n: 0, missing: 1 });
		expect(value(comprehensiveness, example, constant).n).toBe(2);
	});

	test('log-odds at 20 %', () => {
		const masked = { ...example, maskedCurve: curve(eraserBins, (share) => 0.9 - share) };
		expect(value(logOdds, masked).value).toBeCloseTo(Math.log(0.7 / 0.9), 12);
		const gone = { ...example, maskedCurve: curve(eraserBins, () => 0) };
		expect(value(logOdds, gone).value).toBeCloseTo(Math.log(1e-12 / 0.9), 12);
	});

	test('areas of a straight line and of a step', () => {
		const line = { ...example, maskedCurve: curve(curveShares, (f) => 1 - f), keptCurve: curve(curveShares, (f) => f) };
		expect(value(deletionAuc, line).value).toBeCloseTo(0.5, 12);
		expect(value(insertionAuc, line).value).toBeCloseTo(0.5, 12);
		const step = { ...example, maskedCurve: curve(curveShares, (share) => (share === 0 ? 1 : 0)) };
		expect(value(deletionAuc, step).value).toBeCloseTo(0.025, 12);
		expect(value(deletionAuc, { ...example, maskedCurve: line.maskedCurve.slice(1) }).value).toBeNull();
	});

	test('smallest flipping share, 1 where nothing flips', () => {
		const flips = { ...example, maskedCurve: curve(flippingShares, (share) => (share < 0.3 ? 0.9 : 0.1)) };
		const never = { ...example, maskedCurve: curve(flippingShares, () => 0.9) };
		expect(value(smallestFlippingShare, flips).value).toBe(0.3);
		expect(value(smallestFlippingShare, never).value).toBe(1);
	});

	test('no rationale, no scores: missing, never zero', () => {
		const none = { ...example, masked: null, kept: null };
		for (const metric of [comprehensiveness, sufficiency, comprehensivenessAopc, deletionAuc, smallestFlippingShare])
			expect(value(metric, none)).toMatchObject({ value: null, n: 0, missing: 1 });
	});
});

test('measures share their predictions', () => {
	const measures = probabilityMeasuresOf(['log_odds', 'flip_rate', 'comprehensiveness', 'sufficiency']);
	expect(sharesOf(measures, 'masked')).toEqual([0.01, 0.05, 0.1, 0.2, 0.5]);
	expect(sharesOf(measures, 'kept')).toEqual([0.01, 0.05, 0.1, 0.2, 0.5]);
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
	const examples = lines.map((text): ProbedExample => {
		const found = line.parse(JSON.parse(text));
		const own = (scores: Readonly<Record<string, number>>): number => scores[found.classification] ?? NaN;
		const side = (key: 'comprehensiveness' | 'sufficiency'): ProbedPoint[] =>
			found.thresholded_scores.map((point) => ({
				...{ share: point.threshold, label: '' },
				probability: own(point[`${key}_classification_scores`]),
			}));
		return {
			...{ ...example, prediction: found.classification, full: own(found.classification_scores) },
			masked: own(found.comprehensiveness_classification_scores),
			kept: own(found.sufficiency_classification_scores),
			...{ maskedCurve: side('comprehensiveness'), keptCurve: side('sufficiency') },
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
	const soft = (own: number, at: (pi: number) => number): ProbedExample => ({
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

describe('AOPC between the limits of the text', () => {
	// The mean drop over the bins is 0.2 masked, 0.3 kept.
	const own: ProbedExample = {
		...example,
		...{ maskedCurve: curve(eraserBins, () => 0.7), keptCurve: curve(eraserBins, () => 0.6) },
		bounds: { masked: { lowest: 0.1, highest: 0.5 }, kept: { lowest: 0.3, highest: 0.7 } },
	};

	test('is where the value lies between them', () => {
		expect(value(comprehensivenessNaopc, own).value).toBeCloseTo(0.25, 12);
		expect(value(sufficiencyNaopc, own).value).toBeCloseTo(0, 12);
	});

	test('moves limits that the search missed', () => {
		const beyond = { ...own, bounds: { masked: { lowest: 0, highest: 0.1 }, kept: { lowest: 0, highest: 1 } } };
		expect(value(comprehensivenessNaopc, beyond).value).toBeCloseTo(1, 12);
	});

	test('is missing where all orders take the same, or nobody searched', () => {
		const flat = { lowest: 0.2, highest: 0.2 };
		expect(value(comprehensivenessNaopc, { ...own, bounds: { masked: flat, kept: flat } }).missing).toBe(1);
		expect(value(comprehensivenessNaopc, { ...own, bounds: null }).missing).toBe(1);
	});
});
