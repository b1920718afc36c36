import { unknownName } from '../../core/errors.ts';

/** What an answer may begin with. */
export interface LikelyBeginning {
	readonly text: string;
	readonly probability: number;
}

/** One example's answer. */
export interface PredictedExample {
	/** The task's labels, the same for all examples of a metric. */
	readonly labels: readonly string[];
	/** Null where the data has no label. */
	readonly gold: string | null;
	readonly prediction: string;
	/** Probability of the labels together; null or left out where the model gives none. */
	readonly mass?: number | null;
	/** What the model is most likely to begin its answer with, best first; left out where it does not say. */
	readonly likeliest?: readonly LikelyBeginning[];
}

/** Returns the label's number. Throws `UserError` for a label the task does not have. */
export function labelNumber(labels: readonly string[], label: string): number {
	const number = labels.indexOf(label);
	if (number === -1) throw unknownName('evaluation', 'label', label, labels);
	return number;
}

/** Returns 1 at the label's number and 0 elsewhere. */
export function oneHot(labels: readonly string[], label: string): number[] {
	const number = labelNumber(labels, label);
	return labels.map((_, index) => (index === number ? 1 : 0));
}
