import { itemAt } from '../../core/present.ts';
import { seededRandom } from '../../core/random.ts';
import { scored } from '../../core/score.ts';
import type { Metric } from '../metric.ts';
import { type AlignedExample, noAnnotation, requireWords } from './alignedExample.ts';
import { randomSpans } from './randomSpans.ts';
import { matchedSpans, maximalSpans, type WordRange } from './spans.ts';

/** Spans match from this IoU on, itself included (ERASER's code; its paper says "more than"). */
export const iouThreshold = 0.5;

/** Returns the harmonic mean of precision and recall, 0 where one is 0. */
export function harmonicMean(precision: number, recall: number): number {
	return precision === 0 || recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
}

/**
 * F1 of mean precision and mean recall over examples: the shares of chosen and of annotated maximal spans that match a
 * span of the other side (docs/methods.md D.2). Equals ERASER's macro IOU F1 where every example has chosen words and its
 * spans are maximal: two such spans never match the same third one, as each would cover half of it. An example with
 * nothing chosen counts as precision 0 here, while ERASER leaves it out of the precision (`eraser.ts`). Chance has no
 * closed form: it is the mean over random places of spans as long as the chosen ones, 20 seeded draws per example.
 */
export const iouF1: Metric<AlignedExample> = {
	declaration: {
		id: 'iou_f1',
		title: 'IOU F1 of spans at 0.5',
		family: 'alignment',
		range: [0, 1],
		better: 'higher',
		needs: 'annotations',
		judges: 'chosen',
		source: 'DeYoung et al. 2020 (ERASER), partial_match_score, macro; recall counts annotated spans',
	},
	isMean: false,
	summand: ({ wordCount, gold, predicted, overlap }) => {
		if (gold.length === 0) return { missing: noAnnotation };
		if (predicted === null) return { missing: 'no rationale' };
		// Where the overlap is known, the words were looked at.
		if (overlap === undefined) for (const words of [gold, predicted]) requireWords(words, wordCount);
		return { amounts: matches(maximalSpans(gold), maximalSpans(predicted)) };
	},
	expected: (example) =>
		example.gold.length === 0 || example.predicted === null
			? { missing: noAnnotation }
			: { amounts: byChance(example, example.predicted) },
	combine: (sums, count) => scored(harmonicMean(itemAt(sums, 0) / count, itemAt(sums, 1) / count)),
};

const chanceDraws = 20;

/** The seed is the example's own numbers: the same words give the same draws, so that they are drawn once. */
function byChance(
	{ wordCount, gold, spansByChance }: AlignedExample,
	predicted: readonly number[],
): readonly [number, number] {
	const lengths = maximalSpans(predicted).map(({ start, end }) => end - start);
	const key = lengths.join();
	const known = spansByChance?.get(key);
	if (known !== undefined) return known;
	const annotated = maximalSpans(gold);
	const random = seededRandom('iou_f1', wordCount, key, gold.join());
	let [precision, recall] = [0, 0];
	for (let draw = 0; draw < chanceDraws; draw++) {
		const [p, r] = matches(annotated, randomSpans(lengths, wordCount, random));
		precision += p / chanceDraws;
		recall += r / chanceDraws;
	}
	spansByChance?.set(key, [precision, recall]);
	return [precision, recall];
}

function matches(annotated: readonly WordRange[], chosen: readonly WordRange[]): [number, number] {
	const precision = chosen.length === 0 ? 0 : matchedSpans(chosen, annotated, iouThreshold) / chosen.length;
	return [precision, matchedSpans(annotated, chosen, iouThreshold) / annotated.length];
}
