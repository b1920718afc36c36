import { unknownName } from '../../core/errors.ts';

/** One example's answer. */
export interface PredictedExample {
	/** The task's labels, the same for all examples of a metric. */
	readonly labels: readonly string[];
	/** Null where the data has no label. */
	readonly gold: string | null;
	readonly prediction: string;
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
