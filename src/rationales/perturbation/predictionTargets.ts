/**
 * The number v that perturbation explains, read from the labels' log-probabilities alone, so for every model that scores
 * labels, whatever the length of their token sequences (docs/methods.md 1.1, 1.2). Letter: C labels.
 */
import { logSumExp } from '../../core/logSumExp.ts';
import { itemAt } from '../../core/present.ts';

interface PredictionTarget {
	readonly title: string;
	readonly formula: string;
	/** Returns v from log-probabilities l [C], the explained label c and its foil f, null where there is no other label. */
	value(logProbabilities: readonly number[], explained: number, foil: number | null): number;
}

/** All targets by id; p~ is renormalised over the labels, so the share of the vocabulary outside them cancels. */
export const predictionTargets = {
	probability: {
		title: 'probability among the labels',
		formula: 'p~_c = exp l_c / sum_i exp l_i',
		value: (logProbabilities, explained) => Math.exp(logShare(logProbabilities, explained)),
	},
	log_probability: {
		title: 'log-probability among the labels',
		formula: 'log p~_c',
		value: logShare,
	},
	logodds_labels: {
		title: 'log-odds among the labels',
		formula: 'l_c - log sum_{i != c} exp l_i = log(p~_c / (1 - p~_c))',
		value: (logProbabilities, explained) =>
			itemAt(logProbabilities, explained) - logSumExp(logProbabilities.filter((_, label) => label !== explained)),
	},
	diff: {
		title: 'log-odds against the foil',
		formula: 'l_c - l_f, f the most probable other label of the full text',
		value: (logProbabilities, explained, foil) =>
			foil === null ? NaN : itemAt(logProbabilities, explained) - itemAt(logProbabilities, foil),
	},
} as const satisfies Readonly<Record<string, PredictionTarget>>;

export type PredictionTargetId = keyof typeof predictionTargets;

/** As in ferret; log-odds stretch the differences near 0 and 1. */
export const defaultPredictionTarget: PredictionTargetId = 'probability';

/**
 * Returns v as a function of a prompt's log-probabilities [C]; `full` [C] are those of the full text, whose second best
 * label is the foil. v is not finite where it does not exist (one label only, a log-probability of minus infinity).
 */
export function predictionValue(
	id: PredictionTargetId,
	full: readonly number[],
	explained: number,
): (logProbabilities: readonly number[]) => number {
	const others = full.map((value, label) => (label === explained ? -Infinity : value));
	const foil = others.length < 2 ? null : others.indexOf(Math.max(...others));
	return (logProbabilities) => predictionTargets[id].value(logProbabilities, explained, foil);
}

function logShare(logProbabilities: readonly number[], explained: number): number {
	return itemAt(logProbabilities, explained) - logSumExp(logProbabilities);
}
