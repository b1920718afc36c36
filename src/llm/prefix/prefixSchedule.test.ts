import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PlanLimits, planPasses, type Stage, tokensOf } from './prefixSchedule.ts';
import type { Passage } from './prefixTree.ts';
import { type PlacedToken, placedTokens, type Row } from '../graphs/row.ts';

const limits: PlanLimits = { maxTokens: 64, rowTokens: 16, worthwhile: 4 };
const once = (ids: readonly number[], blocked: readonly number[] = []): Passage => ({
	tokens: placedTokens(ids, blocked),
	read: 1,
});
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** What is read of each passage: for each token read after, all tokens that it sees, itself included. */
function readBy(plan: Stage, kept: readonly PlacedToken[] = []): Map<number, PlacedToken[][]> {
	expect(plan.start).toBeLessThanOrEqual(kept.length);
	const now = [...kept.slice(0, plan.start), ...plan.tokens];
	const rows = plan.batches.flat().flatMap((row) => [...readInRow(row, now)]);
	return new Map([...rows, ...plan.stages.flatMap((stage) => [...readBy(stage, now)])]);
}

function readInRow(row: Row, kept: readonly PlacedToken[]): [number, PlacedToken[][]][] {
	const seenFrom = (place: number): PlacedToken[] => {
		const before = kept.slice(0, row.reach[place]);
		const tokens = row.ids.map((id, i) => ({ id, position: row.positions[i] as number }));
		const own = tokens.filter((_, key) => key <= place && place <= (row.ends[key] as number));
		return [...before, ...own];
	};
	return row.readings.map(({ passage, place, count }) => [passage, range(place, place + count).map(seenFrom)]);
}

function expectAllRead(passages: readonly Passage[], plan: Stage): void {
	const read = readBy(plan);
	expect([...read.keys()].toSorted((a, b) => a - b)).toEqual([...passages.keys()]);
	for (const [number, { tokens, read: count }] of passages.entries()) {
		const ends = range(tokens.length - count + 1, tokens.length + 1);
		expect(read.get(number)).toEqual(ends.map((end) => tokens.slice(0, end)));
	}
}

const anyPassages = fc
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
		all.map((ids, i): Passage => {
			const left = (blocked[i] as number[]).filter(
				(place) => place < prefix.length + ids.length - (reads[i] as number),
			);
			return { tokens: placedTokens([...prefix, ...ids], left), read: reads[i] as number };
		}),
	)
	.map((all) => [...new Map(all.map((passage) => [JSON.stringify(passage.tokens), passage])).values()]);

const anyLimits = fc.record({
	maxTokens: fc.integer({ min: 1, max: 60 }),
	rowTokens: fc.integer({ min: 1, max: 40 }),
	worthwhile: fc.integer({ min: 1, max: 30 }),
});

describe('planPasses', () => {
	it('shows every token exactly what its passage has before it', () => {
		fc.assert(
			fc.property(anyPassages, anyLimits, (passages, some) => {
				const plan = planPasses(passages, some);
				expectAllRead(passages, plan);
				const apart = passages.reduce((total, { tokens }) => total + tokens.length, 0);
				expect(tokensOf(plan, false)).toBeLessThanOrEqual(apart);
			}),
			{ numRuns: 500 },
		);
	});

	it('computes the instructions once, and each example after them', () => {
		const instructions = range(100, 150);
		const passages = [range(0, 10), range(10, 22), range(30, 41)].map((text) => once([...instructions, ...text]));
		const plan = planPasses(passages, limits);
		expect(plan.tokens).toEqual(placedTokens(instructions));
		expect(plan.stages).toEqual([]);
		expect(tokensOf(plan, false)).toBe(50 + 10 + 12 + 11);
	});

	it('computes words before the masked one once: leaving out each word costs half', () => {
		const [text, space] = [range(0, 40), 99];
		const passages = [text, ...text.map((_, i) => text.with(i, space))].map((ids) => once([...ids, 50, 51]));
		const plan = planPasses(passages, { maxTokens: 512, rowTokens: 64, worthwhile: 16 });
		expectAllRead(passages, plan);
		const half = text.reduce((total, _, i) => total + 40 - i + 2, 42);
		expect(tokensOf(plan, false)).toBeLessThanOrEqual(half + 1);
		expect(tokensOf(plan, true)).toBeLessThan(1.1 * half);
	});

	it('does not compute what no token attends to, and shares what comes before it', () => {
		const text = range(0, 40);
		const passages = [once([...text, 50]), ...text.map((_, i) => once([...text, 50], [i]))];
		const plan = planPasses(passages, { maxTokens: 512, rowTokens: 64, worthwhile: 16 });
		expectAllRead(passages, plan);
		const half = text.reduce((total, _, i) => total + 40 - i, 41);
		expect(tokensOf(plan, false)).toBeLessThanOrEqual(half + 1);
	});

	it('keeps twice the instructions for no more than their own price', () => {
		const [text, space] = [range(0, 40), 99];
		const cost = (instructions: number): number =>
			tokensOf(
				planPasses(
					text.map((_, i) => once([...range(200, 200 + instructions), ...text.with(i, space), 50])),
					{ maxTokens: 512, rowTokens: 64, worthwhile: 16 },
				),
				true,
			);
		expect(cost(400) - cost(200)).toBe(200);
	});

	it('runs no more tokens at once than the limit, one long passage apart', () => {
		const passages = range(0, 40).map((i) => once([...range(100, 130), ...range(i * 1000, i * 1000 + 10 + i)]));
		const plan = planPasses(passages, limits);
		for (const rows of plan.batches) {
			const tokens = rows.length * Math.max(...rows.map(({ ids }) => ids.length));
			expect(rows.length === 1 || tokens <= limits.maxTokens).toBe(true);
		}
	});

	it('shares nothing of passages that begin differently', () => {
		const plan = planPasses([once([1, 2, 3]), once([4, 5, 6, 7])], { ...limits, rowTokens: 4 });
		expect(plan.tokens).toEqual([]);
		expect(tokensOf(plan, false)).toBe(7);
	});
});
