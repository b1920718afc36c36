/** What is said about tests of methods, wherever these stand. */
import { dash } from '../numbers.ts';

interface Tested {
	readonly p: number | null;
	readonly smallestP?: number | null;
}

/** Returns p with three decimals, in powers of ten where it is smaller. */
export function probability(p: number | null): string {
	if (p === null) return dash;
	return p < 0.001 ? (p < 1e-99 ? '< 1e-99' : p.toExponential(1)) : p.toFixed(3);
}

/**
 * Returns a sentence where no test of a family can be significant, whatever the methods do: the smallest p that its examples
 * allow, times the number of tests, exceeds the level. Null elsewhere.
 */
export function powerlessText(tests: readonly Tested[], level: number): string | null {
	const made = tests.filter(({ p }) => p !== null);
	const smallest = Math.min(...made.map(({ smallestP }) => smallestP ?? 0));
	if (made.length === 0 || smallest * made.length <= level) return null;
	const needed =
		made.length === 1
			? ''
			: `; the smallest of ${made.length} tests would have to be ${probability(level / made.length)} or less`;
	return (
		'No difference can be significant here: the examples on which two sides differ are so few ' +
		`that p is never below ${probability(smallest)}${needed}.`
	);
}
