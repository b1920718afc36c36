/** What is concluded from times, which are given here: nothing is measured. */
import { expect, it } from 'vitest';
import { type Calibration, clearlyFastest, type DeviceTimes, tuningOf } from './calibration.ts';
import { grantedCores, physicalCores } from './cores.ts';

const tried = <Choice>(times: readonly (readonly [Choice, ...number[]])[]) =>
	times.map(([choice, ...microseconds]) => ({ choice, microseconds }));

/** Times of a machine on which nothing makes a difference, `factor` times as long as on the first one. */
const even = (factor = 1): DeviceTimes => ({
	threads: tried<number | null>([
		[null, 10 * factor],
		[4, 10 * factor],
	]),
	forward: tried<number>([256, 512, 1024, 2048].map((size) => [size, 10 * factor])),
	gradient: tried<number>([256, 512, 1024].map((size) => [size, 30 * factor])),
});
const problem = { problem: 'not here' };
const calibration = (devices: Partial<Calibration['devices']>): Calibration => ({
	format: 1,
	devices: { cpu: even(), webgpu: problem, cuda: problem, ...devices },
});

it.each([
	[
		'a tenth is not clear',
		[
			[1, 10, 10, 10],
			[2, 9, 9, 9],
		],
		1,
	],
	[
		'clearly faster in all rounds',
		[
			[1, 10, 10, 10],
			[2, 8.9, 8, 8],
		],
		2,
	],
	[
		'faster in most rounds only',
		[
			[1, 10, 10, 10],
			[2, 5, 5, 9.5],
		],
		1,
	],
	[
		'the known one was disturbed in one round',
		[
			[1, 20, 10, 20],
			[2, 9.5, 9.5, 9.5],
		],
		1,
	],
	[
		'the fastest of several',
		[
			[1, 10, 10],
			[2, 8, 8],
			[3, 6, 6],
		],
		3,
	],
] as const)('%s', (_, times, expected) => {
	expect(clearlyFastest(tried<number>(times), 1)).toBe(expected);
});

it('takes the known choices where nothing makes a difference', () => {
	expect(tuningOf(calibration({}))).toEqual({
		device: 'cpu',
		threads: null,
		runs: { forward: 1024, gradient: 512 },
	});
});

it('takes threads and sizes that are clearly faster', () => {
	const cpu = {
		threads: tried<number | null>([
			[null, 10],
			[4, 6],
		]),
		forward: tried<number>([
			[512, 5],
			[1024, 10],
		]),
		gradient: tried<number>([
			[512, 30],
			[1024, 20],
		]),
	};
	expect(tuningOf(calibration({ cpu }))).toEqual({ device: 'cpu', threads: 4, runs: { forward: 512, gradient: 1024 } });
});

it('takes a card where it is clearly faster, with the sizes measured there', () => {
	const card = {
		...even(0.2),
		forward: tried<number>([
			[1024, 2],
			[2048, 1],
		]),
	};
	expect(tuningOf(calibration({ webgpu: card }))).toMatchObject({ device: 'webgpu', runs: { forward: 2048 } });
	expect(tuningOf(calibration({ webgpu: card, cuda: even(0.01) })).device).toBe('cuda');
	expect(tuningOf(calibration({ webgpu: even(0.95), cuda: even(3) })).device).toBe('cpu');
});

it('counts physical cores by chip and core', () => {
	const processor = (chip: number, core: number): string =>
		`processor : 0\nphysical id\t: ${chip}\ncore id\t\t: ${core}\n`;
	const text = [processor(0, 0), processor(0, 1), processor(0, 0), processor(1, 0)].join('\n');
	expect(physicalCores(text)).toBe(3);
	expect(physicalCores('processor : 0\nBogoMIPS : 50.00\n')).toBeNull();
	expect(physicalCores('')).toBeNull();
});

it.each([
	['200000 100000\n', 2],
	['150000 100000\n', 2],
	['5000 100000\n', 1],
	['max 100000\n', null],
	['', null],
])('counts the cores that a container is granted: %j', (text, expected) => {
	expect(grantedCores(text)).toBe(expected);
});
