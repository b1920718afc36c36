import picocolors from 'picocolors';
import { expect, it } from 'vitest';
import type { SettingEstimate, StepEstimate } from '../study/estimate/estimateStudy.ts';
import type { Channel } from './channel.ts';
import { renderEstimate } from './estimate.ts';

const channel: Channel = {
	columns: 80,
	colours: picocolors.createColors(false),
	isTerminal: false,
	write: () => undefined,
	lines: () => undefined,
	rewriteLine: () => undefined,
};

const step = (name: string, tokens: number, bound: StepEstimate['bound']): StepEstimate => ({
	step: name,
	forward: Math.ceil(tokens / 100),
	backward: 0,
	tokensRead: tokens,
	tokensComputed: tokens,
	tokensWritten: 0,
	seconds: 1287,
	dollars: null,
	bound,
	note: null,
});

it.each([23_225_400, 987_654_321, 12_345_678_901])('columns stay apart and within 80 signs at %d tokens', (tokens) => {
	const setting: SettingEstimate = {
		model: 'm',
		dataset: 'd',
		texts: 400,
		rounds: 1,
		cells: 800,
		weights: null,
		memory: null,
		problem: null,
		tokensPerText: 88,
		steps: [step('predict', 35_200, 'exact'), step('mask', tokens, 'most')],
	};
	const lines = renderEstimate([setting], channel, 1e9);
	const row = lines.find((line) => line.includes('mask')) ?? '';
	expect(row.trim().split(/\s{2,}/u)).toEqual([
		'mask',
		`≤ ${Math.ceil(tokens / 100).toLocaleString('en')}`,
		'–',
		`≤ ${tokens.toLocaleString('en')}`,
		'21 min 27 s',
	]);
	expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});
