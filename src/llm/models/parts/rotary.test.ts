/** Rotary frequencies against `ROPE_INIT_FUNCTIONS` of transformers 5.18, head width 8 and 64 positions. */
import { expect, it } from 'vitest';
import { UserError } from '../../../core/errors.ts';
import { rotaryPositions, rotarySettings } from './rotary.ts';

const sizes = {
	layers: 1,
	hidden: 16,
	heads: 2,
	keyValueHeads: 2,
	headWidth: 8,
	vocabulary: 10,
	contextLength: 64,
};
const yarn = { rope_type: 'yarn', rope_theta: 1000, factor: 4, original_max_position_embeddings: 32 };
const llama3 = {
	rope_type: 'llama3',
	rope_theta: 1000,
	factor: 4,
	low_freq_factor: 1,
	high_freq_factor: 4,
	original_max_position_embeddings: 32,
};
const longRope = {
	rope_type: 'longrope',
	rope_theta: 100,
	short_factor: [1, 1.5, 2, 4],
	long_factor: [2, 3, 4, 8],
	original_max_position_embeddings: 32,
};

const cases = [
	{ settings: { rope_theta: 100 }, frequencies: [1, 0.3162278, 0.1, 0.03162278], magnitude: 1, contextLength: 64 },
	{
		settings: { type: 'linear', rope_theta: 100, factor: 4 },
		frequencies: [0.25, 0.07905694, 0.025, 0.007905695],
		magnitude: 1,
		contextLength: 64,
	},
	{
		settings: { type: 'dynamic', rope_theta: 100, factor: 4 },
		frequencies: [1, 0.3162278, 0.1, 0.03162278],
		magnitude: 1,
		contextLength: 64,
	},
	{
		settings: llama3,
		frequencies: [1, 0.04445698, 0.007905695, 0.001405853],
		magnitude: 1,
		contextLength: 64,
	},
	{
		settings: yarn,
		frequencies: [1, 0.04445698, 0.007905695, 0.001405853],
		magnitude: 1.138629436,
		contextLength: 128,
	},
	{
		settings: { ...yarn, beta_fast: 4, beta_slow: 0.5, truncate: false, mscale: 0.8, mscale_all_dim: 0.3 },
		frequencies: [1, 0.0825592, 0.007905695, 0.001405853],
		magnitude: 1.0665471019,
		contextLength: 128,
	},
	{
		settings: { ...yarn, finetuned: true, attn_factor: 1, mscale: null, low_freq_factor: null, mrope_section: [] },
		frequencies: [1, 0.04445698, 0.007905695, 0.001405853],
		magnitude: 1.138629436,
		contextLength: 128,
	},
	{
		settings: longRope,
		frequencies: [1, 0.2108185, 0.05, 0.007905695],
		magnitude: 1.095445115,
		contextLength: 32,
	},
];

it.each(cases)('gives the frequencies of $settings', ({ settings, ...expected }) => {
	const found = rotaryPositions('config.json', settings, sizes);
	expect(found.frequencies.length).toBe(expected.frequencies.length);
	for (const [i, frequency] of expected.frequencies.entries()) {
		expect((found.frequencies[i] as number) / frequency).toBeCloseTo(1, 6);
	}
	expect(found.magnitude).toBeCloseTo(expected.magnitude, 8);
	expect(found.contextLength).toBe(expected.contextLength);
});

it('rotates a share of each head, an odd number of dimensions rounded up to pairs', () => {
	const found = rotaryPositions('config.json', { rope_theta: 100 }, sizes, 0.7);
	expect(found.frequencies).toEqual([1, 100 ** (-2 / 5), 100 ** (-4 / 5)]);
});

it.each([
	{ settings: { rope_type: 'proportional' }, named: 'proportional' },
	{ settings: { rope_type: 'default', mrope_section: [1, 2] }, named: 'mrope_section' },
	{ settings: { type: 'linear' }, named: 'factor' },
	{ settings: { ...llama3, low_freq_factor: 4 }, named: 'low_freq_factor must be below high_freq_factor' },
	{ settings: { ...yarn, attn_factor: 0.5 }, named: 'attn_factor: the code it was written for multiplies by it' },
	{ settings: { partial_rotary_factor: 0.5 }, named: 'partial_rotary_factor' },
	{ settings: { ...longRope, short_factor: [1, 2] }, named: '2 short factors for 4 frequencies' },
])('refuses $settings', ({ settings, named }) => {
	expect(() => rotaryPositions('config.json', settings, sizes)).toThrow(UserError);
	expect(() => rotaryPositions('config.json', settings, sizes)).toThrow(named);
});

it('takes the older key where a config has both', () => {
	const [rope_parameters, rope_scaling] = [
		{ rope_type: 'default', rope_theta: 5 },
		{ type: 'linear', factor: 4 },
	];
	expect(rotarySettings({ rope_theta: 7, rope_parameters, rope_scaling })).toEqual({ rope_theta: 7, ...rope_scaling });
	expect(rotarySettings({ rope_theta: 7, rope_parameters, rope_scaling: {} })).toEqual(rope_parameters);
});
