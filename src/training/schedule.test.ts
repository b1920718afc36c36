import { expect, it } from 'vitest';
import { learningRateAt, scheduleKinds } from './schedule.ts';

const options = { peak: 2, warmUp: 10, steps: 110, floor: 0.1 };

it.each(scheduleKinds)('%s rises linearly over the warm-up', (kind) => {
	expect(learningRateAt(0, { ...options, kind })).toBeCloseTo(0.2, 12);
	expect(learningRateAt(9, { ...options, kind })).toBeCloseTo(2, 12);
});

it('half a cosine is half way down in the middle, and at the floor at the end', () => {
	expect(learningRateAt(10, { ...options, kind: 'cosine' })).toBeCloseTo(2, 12);
	expect(learningRateAt(60, { ...options, kind: 'cosine' })).toBeCloseTo(1.1, 12);
	expect(learningRateAt(110, { ...options, kind: 'cosine' })).toBeCloseTo(0.2, 12);
});

it('warmup_stable_decay stays, and goes down in a line over the last fifth', () => {
	const rate = (step: number): number => learningRateAt(step, { ...options, kind: 'warmup_stable_decay' });
	expect([rate(10), rate(50), rate(88)]).toEqual([2, 2, 2]);
	expect(rate(99)).toBeCloseTo(1.1, 12);
	expect(rate(110)).toBeCloseTo(0.2, 12);
});
