/** Numbers and names as text. */
import type { PrecisionCheck } from '../records/records.ts';

/** Stands where there is no number. */
export const dash = '—';

/** Returns the value with two decimals and a true minus sign; a dash for null. */
export function formatNumber(value: number | null): string {
	if (value === null) return dash;
	const digits = Math.abs(value).toFixed(2);
	return value < 0 && digits !== '0.00' ? `−${digits}` : digits;
}

/** Returns a diagnostic with three significant digits, whole numbers as they are; a dash for null. */
export function formatDiagnostic(value: number | null): string {
	if (value === null) return dash;
	return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3))).replace('-', '−');
}

/** Returns the value with its sign, for differences; a dash for null. */
export function formatDifference(value: number | null): string {
	const text = formatNumber(value);
	return value !== null && value > 0 && text !== '0.00' ? `+${text}` : text;
}

/** Returns `[0.48, 0.56]`; nothing for null. */
export function formatInterval(interval: readonly [number, number] | null): string {
	return interval === null ? '' : `[${formatNumber(interval[0])}, ${formatNumber(interval[1])}]`;
}

/** Returns `1 word`, `3 words`. */
export function countOf(count: number, noun: string): string {
	return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Returns the share as text with its numerator and denominator: `0.25 (5 of 20)`; a dash when there is nothing to count. */
export function formatShare(count: number, total: number): string {
	return total === 0 ? dash : `${formatNumber(count / total)} (${count} of ${total})`;
}

/** Returns the text, cut to `length` characters with an ellipsis where it is longer. */
export function shorten(text: string, length: number): string {
	return text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;
}

/** Returns what a comparison of reduced with full precision found for one text. */
export function checkedPrecisionText({ compared, changed }: PrecisionCheck): string {
	return (
		`Masked texts were scored with reduced precision: of ${compared} with random words masked, scored with full ` +
		`precision as well, ${changed} got another label.`
	);
}
