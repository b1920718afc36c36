import { InternalError } from '../../core/errors.ts';
import { binomialTail } from './combinatorics.ts';

/**
 * Returns the exact two-sided p of McNemar's test from the discordant pairs (yes only in the first, yes only in the
 * second): `min(1, 2 P(Binomial(n, 1/2) <= min))`, n their sum; 1 where no pair is discordant (McNemar 1947, exact form).
 * Throws `InternalError` unless both are counts.
 */
export function mcnemarExact(onlyFirst: number, onlySecond: number): number {
	for (const count of [onlyFirst, onlySecond]) {
		if (!Number.isInteger(count) || count < 0) throw new InternalError(`${count} discordant pairs`);
	}
	return Math.min(1, 2 * binomialTail(onlyFirst + onlySecond, Math.min(onlyFirst, onlySecond)));
}
