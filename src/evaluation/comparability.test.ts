import { describe, expect, it } from 'vitest';
import { comparability, type JudgedSetting } from './comparability.ts';

const setting = (name: string, change: Partial<JudgedSetting> = {}): JudgedSetting => ({
	name,
	verdict: { level: 'evaluable', reasons: [] },
	examples: ['a', 'b'],
	accuracy: { value: 0.9, ci95: [0.8, 0.95] },
	randomFlips: 0.1,
	...change,
});

describe('faithfulness figures of two models', () => {
	it('can be compared where both are evaluable and alike', () => {
		expect(comparability(setting('one'), setting('two'))).toEqual({ level: 'comparable', reasons: [] });
	});

	it('cannot where one is not evaluable', () => {
		const collapsed = setting('two', { verdict: { level: 'not evaluable', reasons: ['one label'] } });
		expect(comparability(setting('one'), collapsed)).toEqual({
			level: 'not comparable',
			reasons: ['two is not evaluable (one label): its figures are void, not low'],
		});
	});

	it('cannot where they are about other examples', () => {
		const { level, reasons } = comparability(setting('one'), setting('two', { examples: ['a', 'c'] }));
		expect([level, reasons]).toEqual(['not comparable', ['2 examples have a prediction from only one of one and two']]);
	});

	it.each([
		['random words flip one far more easily', { randomFlips: 0.4 }, /above random words, not flip rates/u],
		[
			'the accuracies differ',
			{ accuracy: { value: 0.5, ci95: [0.4, 0.6] as const } },
			/accuracy is 90 % for one and 50 %/u,
		],
		['a verdict says so', { verdict: { level: 'with care' as const, reasons: ['few'] } }, /^two: few$/u],
	])('need care where %s', (_, change, reason) => {
		const { level, reasons } = comparability(setting('one'), setting('two', change));
		expect(level).toBe('with care');
		expect(reasons).toEqual([expect.stringMatching(reason)]);
	});

	it('say nothing about what is not known', () => {
		const unknown = setting('two', { accuracy: null, randomFlips: null });
		expect(comparability(setting('one'), unknown).level).toBe('comparable');
	});
});
