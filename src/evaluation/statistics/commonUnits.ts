/** Numbers as whole multiples of one unit. */
export interface Units {
	readonly unit: number;
	readonly counts: Int32Array;
}

const largestDenominator = 1000;
const mostParts = 1_000_000;
const largestCount = 2 ** 31 - 1;
/** Above rounding, and below what two different fractions of these denominators differ by. */
const sameFraction = 1e-12;

/**
 * Returns positive numbers as multiples of `1 / d`, d the least common denominator; null where some number is no fraction
 * with a denominator up to 1,000, or d exceeds a million. Shares of counted things are such fractions.
 */
export function commonUnits(values: Float64Array): Units | null {
	let parts = 1;
	for (const value of values) {
		if (Math.abs(value * parts - Math.round(value * parts)) <= sameFraction) continue;
		const own = denominatorOf(value);
		if (own === null) return null;
		parts = (parts / greatestDivisor(parts, own)) * own;
		if (parts > mostParts) return null;
	}
	const counts = new Int32Array(values.length);
	for (let i = 0; i < values.length; i++) {
		const count = Math.round((values[i] as number) * parts);
		if (count > largestCount) return null;
		counts[i] = count;
	}
	return { unit: 1 / parts, counts };
}

/** Returns the denominator of the first continued fraction that comes as near as rounding; null where none does. */
function denominatorOf(value: number): number | null {
	let before = 0;
	let denominator = 1;
	let rest = value;
	let distance = Math.abs(value - Math.round(value));
	while (distance > sameFraction) {
		rest = 1 / (rest - Math.floor(rest));
		const next = Math.floor(rest) * denominator + before;
		if (!(next <= largestDenominator)) return null;
		before = denominator;
		denominator = next;
		distance = Math.abs(value - Math.round(value * denominator) / denominator);
	}
	return denominator;
}

function greatestDivisor(a: number, b: number): number {
	return b === 0 ? a : greatestDivisor(b, a % b);
}
