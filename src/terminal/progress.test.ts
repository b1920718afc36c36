import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProgress, type Progress } from './progress.ts';
import { createTerminal } from './channel.ts';

/** To the start of the line, and clear it. */
const overwrite = '\r\u001B[2K';

let written: string[];
beforeEach(() => {
	written = [];
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

function progressOn(isTTY: boolean): Progress {
	const output = { isTTY, columns: 80, write: (text: string) => written.push(text) };
	const { notes } = createTerminal(output, output, { NO_COLOR: '1' }, []);
	return createProgress(notes, () => Date.now());
}

describe('in a terminal', () => {
	it('keeps quick work to itself', () => {
		const progress = progressOn(true);
		progress.update('quick', 0, 10);
		vi.advanceTimersByTime(1900);
		progress.update('quick', 10, 10);
		progress.finish();
		expect(written).toEqual([]);
	});

	it('updates one line with the time left, and leaves it with the time taken', () => {
		const progress = progressOn(true);
		progress.update('model x data', 0, 10);
		vi.advanceTimersByTime(4000);
		progress.update('model x data', 5, 10);
		vi.advanceTimersByTime(300);
		expect(written.at(-1)).toMatch(/Kmodel x data .*━{10}─{10} {2}5\/10 {2}3\.\d s left$/u);
		expect(written.at(-1)?.startsWith(overwrite)).toBe(true);
		vi.advanceTimersByTime(3700);
		progress.update('model x data', 10, 10);
		progress.finish();
		expect(written.at(-1)).toMatch(/━{20} {2}10\/10 {2}in 8\.0 s\n$/u);
		expect(Math.max(...written.map((text) => text.replace(overwrite, '').trimEnd().length))).toBeLessThan(80);
	});

	it('says how long it has taken where a step takes longer than was to be expected', () => {
		const progress = progressOn(true);
		progress.update('model x data', 0, 10);
		vi.advanceTimersByTime(4000);
		progress.update('model x data', 5, 10);
		vi.advanceTimersByTime(4400);
		expect(written.at(-1)).toMatch(/5\/10 {2}after 8\.\d s$/u);
	});

	it('shows at once what is announced, because the line may not move before it is done', () => {
		const progress = progressOn(true);
		progress.update('model x data', 10, 10);
		progress.announce('summary');
		expect(written.at(-1)).toMatch(/Ksummary +after 0\.0 s$/u);
		vi.advanceTimersByTime(100);
		progress.finish();
		expect(written.at(-1)).toMatch(/Ksummary +in 0\.1 s\n$/u);
	});

	it('moves while a step takes long', () => {
		const progress = progressOn(true);
		progress.update('opening big', 0, 0);
		vi.advanceTimersByTime(3000);
		expect(written.at(-1)).toMatch(/opening big +after 3\.0 s$/u);
		progress.update('next', 0, 4);
		expect(written.at(-1)).toMatch(/opening big +in 3\.0 s\n$/u);
		progress.finish();
		const before = written.length;
		vi.advanceTimersByTime(60_000);
		expect(written).toHaveLength(before);
	});

	it('does not take what an earlier run did for speed', () => {
		const progress = progressOn(true);
		progress.update('continued', 90, 100);
		vi.advanceTimersByTime(10_000);
		progress.update('continued', 95, 100);
		vi.advanceTimersByTime(200);
		expect(written.at(-1)).toContain('9.8 s left');
		progress.finish();
	});

	it('shortens long titles', () => {
		const progress = progressOn(true);
		progress.update('x'.repeat(200), 0, 1000);
		vi.advanceTimersByTime(2000);
		expect(written.at(-1)).toContain('x… ');
		expect((written.at(-1) ?? '').length).toBeLessThan(90);
		progress.finish();
	});
});

it('writes a line after 2 s and then every 10 s where there is no terminal', () => {
	const progress = progressOn(false);
	progress.update('model x data', 0, 10);
	for (let done = 1; done <= 25; done++) {
		vi.advanceTimersByTime(1000);
		progress.update('model x data', done, 25);
	}
	progress.finish();
	expect(written).toEqual([
		'model x data  1/25  23 s left\n',
		'model x data  11/25  13 s left\n',
		'model x data  21/25  3.0 s left\n',
		'model x data  25/25  in 25 s\n',
	]);
});
