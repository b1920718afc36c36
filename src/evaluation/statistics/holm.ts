import { InternalError } from '../../core/errors.ts';

/**
 * Returns the p values adjusted for their number, in the order given: `max over j <= i of min(1, (m - j) p_(j))`, j
 * from 0 in ascending order (Holm 1979). Throws `InternalError` for a p outside [0, 1].
 */
export function holm(pValues: readonly number[]): number[] {
	for (const p of pValues) if (!(p >= 0 && p <= 1)) throw new InternalError(`p value ${p}`);
	const order = pValues.map((p, index) => ({ p, index })).toSorted((a, b) => a.p - b.p);
	const adjusted = pValues.map(() => 1);
	let highest = 0;
	for (const [rank, { p, index }] of order.entries()) {
		highest = Math.max(highest, Math.min(1, (pValues.length - rank) * p));
		adjusted[index] = highest;
	}
	return adjusted;
}
