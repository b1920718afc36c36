import { missing, type Score, scored } from '../../core/score.ts';

/** Returns the arithmetic mean; missing for an empty list. */
export function mean(values: readonly number[]): Score {
	if (values.length === 0) return missing('no values');
	return scored(values.reduce((sum, value) => sum + value, 0) / values.length);
}
