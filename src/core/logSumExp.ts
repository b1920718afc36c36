/** Returns `log sum exp` of the values; minus infinity of none, NaN where one is NaN. */
export function logSumExp(values: readonly number[]): number {
	const largest = Math.max(...values);
	if (largest === -Infinity) return largest;
	return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}
