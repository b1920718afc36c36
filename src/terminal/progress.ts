/** Progress of long work on the notes channel: one updating line in a terminal, a line now and then elsewhere. */
import { formatDuration } from './layout.ts';
import type { Channel } from './channel.ts';

/** Shows how far pieces of work are that come one after the other. */
export interface Progress {
	/** `done` of `total` steps of the work called `title`; total 0 where the steps are not known. */
	readonly update: (title: string, done: number, total: number) => void;
	/** Shows at once, however short it is, work that keeps the line from moving. */
	readonly announce: (title: string) => void;
	/** Ends the line of the work under way. */
	readonly finish: () => void;
}

/** Milliseconds. Work that takes less than `PATIENCE` is not shown. */
const PATIENCE = 2000;
const TERMINAL_INTERVAL = 200;
const LOG_INTERVAL = 10_000;

const BAR_WIDTH = 20;
const TITLE_WIDTH = 32;

interface Work {
	readonly title: string;
	readonly total: number;
	readonly done: number;
	/** Steps that an earlier run had done: they say nothing about the speed of this one. */
	readonly doneAtStart: number;
	readonly startedAt: number;
	/** When the last step was done: the time since then belongs to the next one. */
	readonly steppedAt: number;
}

/** Returns a progress that shows nothing. */
export function silentProgress(): Progress {
	return { update: () => undefined, announce: () => undefined, finish: () => undefined };
}

/** Returns a progress on a channel; its line also moves while a step takes long. */
export function createProgress(channel: Channel, now: () => number): Progress {
	let work: Work | null = null;
	let shownAt: number | null = null;
	let timer: NodeJS.Timeout | undefined;
	const show = (current: Work, isLast: boolean): void => {
		shownAt = now();
		const text = describe(channel, current, shownAt, isLast);
		channel.rewriteLine(channel.isTerminal && !isLast ? text : `${text}\n`);
	};
	const showWhenDue = (): void => {
		if (work === null) return;
		const interval = channel.isTerminal ? TERMINAL_INTERVAL : LOG_INTERVAL;
		if (now() >= (shownAt === null ? work.startedAt + PATIENCE : shownAt + interval)) show(work, false);
	};
	const finish = (): void => {
		clearInterval(timer);
		if (work !== null && shownAt !== null) show(work, true);
		[work, shownAt] = [null, null];
	};
	const start = (title: string, done: number, total: number): Work => {
		timer = setInterval(showWhenDue, TERMINAL_INTERVAL).unref();
		return { title, total, done, doneAtStart: done, startedAt: now(), steppedAt: now() };
	};
	return {
		update: (title, done, total) => {
			if (work?.title !== title) finish();
			const before = work ?? start(title, done, total);
			work = { ...before, done, total, steppedAt: done === before.done ? before.steppedAt : now() };
			showWhenDue();
		},
		announce: (title) => {
			finish();
			work = start(title, 0, 0);
			show(work, false);
		},
		finish,
	};
}

function describe({ isTerminal, columns, colours }: Channel, work: Work, time: number, isLast: boolean): string {
	const { title, done, total } = work;
	const counts = total === 0 ? '' : `${done}/${total}  `;
	const rest = counts + timeText(work, time, isLast);
	if (!isTerminal) return `${title}  ${rest}`;
	const bar = total === 0 ? '' : `${drawBar(done / total, colours)}  `;
	const room = columns - (total === 0 ? 0 : BAR_WIDTH + 2) - rest.length - 3;
	return `${fitted(title, Math.min(TITLE_WIDTH, room))}  ${bar}${rest}`;
}

function drawBar(share: number, { green, dim }: Channel['colours']): string {
	const filled = Math.round(share * BAR_WIDTH);
	return green('━'.repeat(filled)) + dim('─'.repeat(BAR_WIDTH - filled));
}

function timeText(work: Work, time: number, isLast: boolean): string {
	const { done, doneAtStart, total, startedAt, steppedAt } = work;
	const elapsed = time - startedAt;
	if (isLast && done >= total) return `in ${formatDuration(elapsed)}`;
	const perStep = (steppedAt - startedAt) / (done - doneAtStart);
	const left = perStep * (total - done) - (time - steppedAt);
	// Nothing is known before the first step, nor when one takes longer than the others let expect.
	return isLast || done <= doneAtStart || left <= 0
		? `after ${formatDuration(elapsed)}`
		: `${formatDuration(left)} left`;
}

function fitted(text: string, width: number): string {
	return text.length <= width ? text.padEnd(width) : `${text.slice(0, Math.max(0, width - 1))}…`;
}
