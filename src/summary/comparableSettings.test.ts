import { expect, it } from 'vitest';
import type { Verdict } from '../evaluation/collapse.ts';
import { type ComparableSetting, comparableSettings } from './comparableSettings.ts';

const setting = (model: string, dataset: string, verdict: Verdict, epoch: number | null = null): ComparableSetting => ({
	place: { model, dataset, split: 'test', epoch },
	...{ rows: [], examples: ['a'], verdict, randomFlips: null },
});
const fine: Verdict = { level: 'evaluable', reasons: [] };
const collapsed: Verdict = { level: 'not evaluable', reasons: ['one label'] };

it('pairs models and epochs on the same data only', () => {
	const found = comparableSettings([
		setting('base', 'bios', collapsed, 0),
		setting('base', 'bios', fine, 1),
		setting('tuned', 'bios', fine),
		setting('tuned', 'nli', fine),
	]);
	expect(found.map(({ first, second, level }) => [first, second, level])).toEqual([
		[{ model: 'base', epoch: 0 }, { model: 'base', epoch: 1 }, 'not comparable'],
		[{ model: 'base', epoch: 0 }, { model: 'tuned', epoch: null }, 'not comparable'],
		[{ model: 'base', epoch: 1 }, { model: 'tuned', epoch: null }, 'comparable'],
	]);
	expect(found[0]?.reasons[0]).toMatch(/^base, epoch 0 is not evaluable \(one label\)/u);
});
