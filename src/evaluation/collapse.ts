import { itemAt } from '../core/present.ts';
import { hasValue } from '../core/score.ts';
import { labelDistribution, type LabelShare, normalisedEntropy } from './prediction/labelDistribution.ts';
import { likeliestBeginnings, lowMass } from './prediction/labelMass.ts';
import type { PredictedExample } from './prediction/predictedExample.ts';
import { wilsonInterval } from './statistics/proportion.ts';

/** Whether faithfulness figures of a model mean anything, with the reasons in plain words. */
export interface Verdict {
	readonly level: 'evaluable' | 'with care' | 'not evaluable';
	/** Empty for `evaluable`. */
	readonly reasons: readonly string[];
}

/** A level as rows of numbers say it beside them. */
export const evaluableBy = { evaluable: 'yes', 'with care': 'with care', 'not evaluable': 'no' } as const;

/**
 * The gate of docs/methods.md E.12 (`not evaluable`), after Fayyaz et al. 2024 v2, who find that a model whose predictions
 * have collapsed onto one label cannot flip; the thresholds are ours.
 */
const limits = { majorityShare: 0.9, entropy: 0.3 };

/**
 * From here on `with care`; ours too. 30 examples leave a share uncertain by about 0.18 either way, 0.3 of width is 0.15
 * either way; with three predictions in four on one label, flips come from few examples; E.12 calls masks that flip
 * half of the predictions at random too destructive.
 */
const cautions = { majorityShare: 0.75, examples: 30, accuracyWidth: 0.3, randomFlips: 0.5 };

/**
 * Returns whether faithfulness can be judged from the predictions on the full texts. `randomFlips` is the flip rate
 * under random words of the rationales' number (0..1), null where unknown.
 */
export function collapseVerdict(examples: readonly PredictedExample[], randomFlips: number | null): Verdict {
	if (examples.length === 0) return { level: 'not evaluable', reasons: ['there are no predictions'] };
	const predicted = distributionOf(examples, ({ prediction }) => prediction);
	const answer = accuracyOf(examples);
	const fatal = [...collapseReasons(predicted, examples.length), ...accuracyReasons(answer)];
	if (fatal.length > 0) return { level: 'not evaluable', reasons: fatal };
	const careful = [
		...sampleReasons(predicted, examples.length),
		...goldReasons(answer, examples.length),
		...randomReasons(randomFlips),
		...massReasons(examples),
	];
	return { level: careful.length > 0 ? 'with care' : 'evaluable', reasons: careful };
}

interface Accuracy {
	readonly n: number;
	readonly accuracy: number;
	readonly interval: readonly [number, number];
	readonly goldMajority: LabelShare;
}

function collapseReasons(predicted: readonly LabelShare[], n: number): string[] {
	const top = mostFrequent(predicted);
	const entropy = normalisedEntropy(predicted.map(({ count }) => count));
	const reasons: string[] = [];
	if (top.share > limits.majorityShare) {
		reasons.push(
			`${top.count} of ${n} predictions (${percent(top.share)}) are "${top.label}", more than ${percent(limits.majorityShare)}: predictions that have collapsed onto one label cannot flip`,
		);
	}
	if (!hasValue(entropy)) reasons.push(entropy.missing);
	else if (entropy.value < limits.entropy) {
		reasons.push(
			`the entropy of the predictions is ${entropy.value.toFixed(2)} of its maximum, less than ${limits.entropy}: hardly any label but "${top.label}" is predicted`,
		);
	}
	return reasons;
}

function accuracyReasons(answer: Accuracy | null): string[] {
	if (answer === null || answer.interval[0] > answer.goldMajority.share) return [];
	const { label, share } = answer.goldMajority;
	return [
		`the accuracy of ${accuracyText(answer)} is not clearly above ${percent(share)}, what always answering "${label}" would reach: the model may not do the task`,
	];
}

function sampleReasons(predicted: readonly LabelShare[], n: number): string[] {
	const top = mostFrequent(predicted);
	const few = n < cautions.examples ? [`only ${n} examples: every figure is uncertain`] : [];
	if (top.share <= cautions.majorityShare) return few;
	return [
		...few,
		`${top.count} of ${n} predictions (${percent(top.share)}) are "${top.label}", more than ${percent(cautions.majorityShare)}: flips depend on few examples`,
	];
}

function goldReasons(answer: Accuracy | null, n: number): string[] {
	if (answer === null) {
		return ['no gold labels: whether the model does better than always giving one answer cannot be judged'];
	}
	const reasons: string[] = [];
	if (answer.n < n) reasons.push(`${n - answer.n} of ${n} examples have no gold label: the accuracy leaves them out`);
	if (answer.interval[1] - answer.interval[0] > cautions.accuracyWidth) {
		reasons.push(`the accuracy of ${accuracyText(answer)} is uncertain`);
	}
	return reasons;
}

function randomReasons(randomFlips: number | null): string[] {
	if (randomFlips === null || randomFlips <= cautions.randomFlips) return [];
	return [
		`masking as many random words already flips ${percent(randomFlips)} of the predictions, more than ${percent(cautions.randomFlips)}: the masking destroys the text, whichever words it takes`,
	];
}

/** A model that would rather say something else tells little by how it orders the labels. */
function massReasons(examples: readonly PredictedExample[]): string[] {
	const masses = examples.flatMap(({ mass }) => mass ?? []);
	const mean = masses.reduce((sum, mass) => sum + mass, 0) / masses.length;
	if (masses.length === 0 || mean >= lowMass) return [];
	const low = masses.filter((mass) => mass < lowMass).length;
	const rather = likeliestBeginnings(examples, 5).map(
		({ text, probability }) => `${JSON.stringify(text)} (${percent(probability)})`,
	);
	const said = rather.length === 0 ? 'something else' : rather.join(', ');
	return [
		`the labels together have ${percent(mean)} of the probability, less than half on ${low} of ${masses.length} texts: the model would rather begin with ${said}`,
	];
}

/** Null without gold labels. The interval is Wilson's, which needs no resampling and holds for small n. */
function accuracyOf(examples: readonly PredictedExample[]): Accuracy | null {
	const labelled = examples.flatMap(({ gold, ...example }) => (gold === null ? [] : [{ ...example, gold }]));
	if (labelled.length === 0) return null;
	const hits = labelled.filter(({ gold, prediction }) => gold === prediction).length;
	return {
		n: labelled.length,
		accuracy: hits / labelled.length,
		interval: wilsonInterval(hits, labelled.length),
		goldMajority: mostFrequent(distributionOf(labelled, ({ gold }) => gold)),
	};
}

function distributionOf<Example extends PredictedExample>(
	examples: readonly Example[],
	name: (example: Example) => string,
): LabelShare[] {
	return labelDistribution(itemAt(examples, 0).labels, examples.map(name));
}

function mostFrequent(distribution: readonly LabelShare[]): LabelShare {
	return distribution.reduce((best, label) => (label.count > best.count ? label : best));
}

function accuracyText({ accuracy, n, interval: [low, high] }: Accuracy): string {
	return `${percent(accuracy)} on ${n} examples (95 % interval ${percent(low)} to ${percent(high)})`;
}

function percent(share: number): string {
	return `${Number((share * 100).toFixed(1))} %`;
}
