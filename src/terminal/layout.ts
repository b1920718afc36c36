/** Text in lines, numbers with units. */
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { itemAt } from '../core/present.ts';

/** A space at which no line ends. */
const FIXED = '\u00A0';

/** Returns the pieces, joined by spaces, in lines of at most `width` columns; a longer piece has its own line. */
export function wrapPieces(pieces: readonly string[], width: number): string[] {
	if (pieces.length === 0) return [];
	const text = pieces.map((piece) => piece.replaceAll(' ', FIXED)).join(' ');
	return wrapOnly(text, Math.max(1, width))
		.split('\n')
		.map((line) => line.replaceAll(FIXED, ' '));
}

/** Returns a text in lines of at most `width` columns, each after `indent` spaces. */
export function wrapText(text: string, width: number, indent = 0): string[] {
	return wrapPieces(text.split(/\s+/u), width - indent).map((line) => ' '.repeat(indent) + line);
}

/** Returns the rows with every cell but the last padded to its column's widest. */
export function alignColumns(rows: readonly (readonly string[])[], indent = 2): string[] {
	const [first = []] = rows;
	const widths = first.map((_, column) => Math.max(...rows.map((row) => stringWidth(itemAt(row, column)))));
	const padded = (cell: string, column: number): string =>
		cell + ' '.repeat(Math.max(0, itemAt(widths, column) - stringWidth(cell)));
	return rows.map((row) => ' '.repeat(indent) + row.map(padded).join('  ').trimEnd());
}

/** Returns a number of bytes as `4.5 MiB`. */
export function formatBytes(bytes: number): string {
	const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
	const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
	return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** Returns a time as `0.4 s`, `12 s`, `3 min 05 s` or `2 h 07 min`. */
export function formatDuration(milliseconds: number): string {
	const seconds = Math.round(milliseconds / 1000);
	if (milliseconds < 9950) return `${(milliseconds / 1000).toFixed(1)} s`;
	if (seconds < 60) return `${seconds} s`;
	const pad = (value: number): string => String(value).padStart(2, '0');
	if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
	const minutes = Math.round(seconds / 60);
	return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** Returns a share of 1 as `97.1 %`. */
export function formatShare(share: number): string {
	return `${(share * 100).toFixed(1)} %`;
}

// oxlint-disable-next-line no-control-regex -- colours are the subject
const plainColour = /\u001B\[\d+m/gu;

/** The library ends and begins colours anew at each break; ours bear a number that it does not know, and go on by themselves. */
function wrapOnly(text: string, width: number): string {
	const wrapped = wrapAnsi(text, width);
	return text.search(plainColour) >= 0 ? wrapped : wrapped.replaceAll(plainColour, '');
}
