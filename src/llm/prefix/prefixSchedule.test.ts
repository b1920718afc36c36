import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ScheduleLimits, schedulePrefixes, type ScheduledPrefix, tokensOf } from './prefixSchedule.ts';
import type { Sequence } from './prefixTree.ts';
import { type PositionedToken, positionedTokens, type Row } from '../graphs/row.ts';

const limits: ScheduleLimits = { maxTokens: 64, rowTokens: 16, minimumSharedTokens: 4 };
const once = (ids: readonly number[], blocked: readonly number[] = []): Sequence => ({
	tokens: positionedTokens(ids, blocked),
	read: 1,
});
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** Returns what is read of each sequence: for each token read after, all tokens that it sees, itself included. */
function readBy(schedule: ScheduledPrefix, cached: readonly PositionedToken[] = []): Map<number, PositionedToken[][]> {
	expect(schedule.start).toBeLessThanOrEqual(cached.length);
	const now = [...cached.slice(0, schedule.start), ...schedule.tokens];
	const rows = schedule.batches.flat().flatMap((row) => [...readInRow(row, now)]);
	return new Map([...rows, ...schedule.children.flatMap((child) => [...readBy(child, now)])]);
}

function readInRow(row: Row, cached: readonly PositionedToken[]): [number, PositionedToken[][]][] {
	const seenFrom = (index: number): PositionedToken[] => {
		const before = cached.slice(0, row.visiblePrefix[index]);
		const tokens = row.ids.map((id, i) => ({ id, position: row.positions[i] as number }));
		const own = tokens.filter((_, key) => key <= index && index <= (row.visibleUntil[key] as number));
		return [...before, ...own];
	};
	return row.readouts.map(({ sequence, index, count }) => [sequence, range(index, index + count).map(seenFrom)]);
}

function expectAllRead(sequences: readonly Sequence[], schedule: ScheduledPrefix): void {
	const read = readBy(schedule);
	expect([...read.keys()].toSorted((a, b) => a - b)).toEqual([...sequences.keys()]);
	for (const [number, { tokens, read: count }] of sequences.entries()) {
		const lengths = range(tokens.length - count + 1, tokens.length + 1);
		expect(read.get(number)).toEqual(lengths.map((end) => tokens.slice(0, end)));
	}
}

const anySequences = fc
	.uniqueArray(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 12 }), {
		minLength: 1,
		maxLength: 30,
		selector: String,
	})
	.chain((all) =>
		fc.tuple(
			fc.constant(all),
			fc.tuple(...all.map((ids) => fc.integer({ min: 1, max: ids.length }))),
			fc.array(fc.integer({ min: 3, max: 9 }), { maxLength: 12 }),
			fc.tuple(...all.map(() => fc.subarray(range(0, 12), { maxLength: 4 }))),
		),
	)
	.map(([all, reads, prefix, blocked]) =>
		all.map((ids, i): Sequence => {
			const left = (blocked[i] as number[]).filter(
				(place) => place < prefix.length + ids.length - (reads[i] as number),
			);
			return { tokens: positionedTokens([...prefix, ...ids], left), read: reads[i] as number };
		}),
	)
	.map((all) => [...new Map(all.map((sequence) => [JSON.stringify(sequence.tokens), sequence])).values()]);

const anyLimits = fc.record({
	maxTokens: fc.integer({ min: 1, max: 60 }),
	rowTokens: fc.integer({ min: 1, max: 40 }),
	minimumSharedTokens: fc.integer({ min: 1, max: 30 }),
});

describe('schedulePrefixes', () => {
	it('shows every token exactly what its sequence has before it', () => {
		fc.assert(
			fc.property(anySequences, anyLimits, (sequences, some) => {
				const schedule = schedulePrefixes(sequences, some);
				expectAllRead(sequences, schedule);
				const apart = sequences.reduce((total, { tokens }) => total + tokens.length, 0);
				expect(tokensOf(schedule, false)).toBeLessThanOrEqual(apart);
			}),
			{ numRuns: 500 },
		);
	});

	it('computes the instructions once, and each example after them', () => {
		const instructions = range(100, 150);
		const sequences = [range(0, 10), range(10, 22), range(30, 41)].map((text) => once([...instructions, ...text]));
		const schedule = schedulePrefixes(sequences, limits);
		expect(schedule.tokens).toEqual(positionedTokens(instructions));
		expect(schedule.children).toEqual([]);
		expect(tokensOf(schedule, false)).toBe(50 + 10 + 12 + 11);
	});

	it('computes words before the masked one once: leaving out each word costs half', () => {
		const [text, space] = [range(0, 40), 99];
		const sequences = [text, ...text.map((_, i) => text.with(i, space))].map((ids) => once([...ids, 50, 51]));
		const schedule = schedulePrefixes(sequences, { maxTokens: 512, rowTokens: 64, minimumSharedTokens: 16 });
		expectAllRead(sequences, schedule);
		const half = text.reduce((total, _, i) => total + 40 - i + 2, 42);
		expect(tokensOf(schedule, false)).toBeLessThanOrEqual(half + 1);
		expect(tokensOf(schedule, true)).toBeLessThan(1.1 * half);
	});

	it('does not compute what no token attends to, and shares what comes before it', () => {
		const text = range(0, 40);
		const sequences = [once([...text, 50]), ...text.map((_, i) => once([...text, 50], [i]))];
		const schedule = schedulePrefixes(sequences, { maxTokens: 512, rowTokens: 64, minimumSharedTokens: 16 });
		expectAllRead(sequences, schedule);
		const half = text.reduce((total, _, i) => total + 40 - i, 41);
		expect(tokensOf(schedule, false)).toBeLessThanOrEqual(half + 1);
	});

	it('keeps twice the instructions for no more than their own price', () => {
		const [text, space] = [range(0, 40), 99];
		const cost = (instructions: number): number =>
			tokensOf(
				schedulePrefixes(
					text.map((_, i) => once([...range(200, 200 + instructions), ...text.with(i, space), 50])),
					{ maxTokens: 512, rowTokens: 64, minimumSharedTokens: 16 },
				),
				true,
			);
		expect(cost(400) - cost(200)).toBe(200);
	});

	it('runs no more tokens at once than the limit, one long sequence apart', () => {
		const sequences = range(0, 40).map((i) => once([...range(100, 130), ...range(i * 1000, i * 1000 + 10 + i)]));
		const schedule = schedulePrefixes(sequences, limits);
		for (const rows of schedule.batches) {
			const tokens = rows.length * Math.max(...rows.map(({ ids }) => ids.length));
			expect(rows.length === 1 || tokens <= limits.maxTokens).toBe(true);
		}
	});

	it('shares nothing of sequences that begin differently', () => {
		const schedule = schedulePrefixes([once([1, 2, 3]), once([4, 5, 6, 7])], { ...limits, rowTokens: 4 });
		expect(schedule.tokens).toEqual([]);
		expect(tokensOf(schedule, false)).toBe(7);
	});
});
