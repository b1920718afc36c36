/** Text in lines, numbers with units. */
import { stripVTControlCharacters } from 'node:util';

/** Returns the pieces, joined by spaces, in lines of at most `width` visible characters; a longer piece has its own line. */
export function wrapPieces(pieces: readonly string[], width: number): string[] {
	const lines: string[] = [];
	let room = 0;
	for (const piece of pieces) {
		const length = stripVTControlCharacters(piece).length;
		if (lines.length > 0 && length + 1 <= room) {
			lines[lines.length - 1] += ` ${piece}`;
			room -= length + 1;
		} else {
			lines.push(piece);
			room = width - length;
		}
	}
	return lines;
}

/** Returns a text in lines of at most `width` characters, each after `indent` spaces. */
export function wrapText(text: string, width: number, indent = 0): string[] {
	return wrapPieces(text.split(/\s+/u), width - indent).map((line) => ' '.repeat(indent) + line);
}

/** Returns the rows with every cell but the last padded to its column's widest. */
export function alignColumns(rows: readonly (readonly string[])[], indent = 2): string[] {
	const visible = (cell: string): number => stripVTControlCharacters(cell).length;
	const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => visible(row[column] ?? ''))));
	const padded = (cell: string, column: number): string => cell + ' '.repeat((widths[column] ?? 0) - visible(cell));
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
