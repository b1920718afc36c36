/** Where the command line writes, how wide it is and whether in colour. */
import type { Colours } from './colours.ts';
import { ownMarks } from './ownMarks.ts';

/** A stream of text; `process.stdout` fits. */
export interface Output {
	write(text: string): unknown;
	readonly isTTY?: boolean | undefined;
	readonly columns?: number | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** One of the two streams, with what it can show. */
export interface Channel {
	readonly isTerminal: boolean;
	readonly columns: number;
	readonly colours: Colours;
	/** Writes text; what a terminal would obey in it is shown, not obeyed, but for our own colours. */
	write(text: string): void;
	/** Writes text; in a terminal in place of what stands in the line. */
	rewriteLine(text: string): void;
	/** Writes lines, each ended by a line feed. */
	lines(lines: readonly string[]): void;
}

/** `out` holds what was asked for, `notes` everything said about it: progress, warnings, errors. */
export interface Terminal {
	readonly out: Channel;
	readonly notes: Channel;
}

/** Widest line of running text: longer ones are hard to read. */
const WIDEST = 120;

/** Returns the terminal of two streams. Colours: NO_COLOR and --no-color forbid them, then FORCE_COLOR asks for them. */
export function createTerminal(
	stdout: Output,
	stderr: Output,
	environment: Environment,
	argv: readonly string[],
): Terminal {
	const marks = ownMarks();
	const channel = (output: Output): Channel => ({
		isTerminal: output.isTTY === true,
		columns: Math.min(WIDEST, Math.max(40, output.columns ?? (Number(environment['COLUMNS']) || 80))),
		colours: marks.colours(wantsColours(output, environment, argv)),
		write: (text) => void output.write(marks.shown(text)),
		rewriteLine: (text) => void output.write((output.isTTY === true ? '\r\u001B[2K' : '') + marks.shown(text)),
		lines: (lines) => void output.write(marks.shown(lines.map((line) => `${line}\n`).join(''))),
	});
	return { out: channel(stdout), notes: channel(stderr) };
}

function wantsColours({ isTTY }: Output, environment: Environment, argv: readonly string[]): boolean {
	const { NO_COLOR: refused = '', FORCE_COLOR: forced = '' } = environment;
	if (refused !== '' || argv.includes('--no-color')) return false;
	if (forced !== '') return forced !== '0' && forced !== 'false';
	return isTTY === true && environment['TERM'] !== 'dumb';
}
