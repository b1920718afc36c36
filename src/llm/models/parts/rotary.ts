/** Frequencies of rotary positions, by the type that a config names. Source: transformers `modeling_rope_utils`. */
import { z } from 'zod';
import { shown, UserError } from '../../../core/errors.ts';
import type { Rotary } from '../../../engine/nn/rotary.ts';
import { describeIssues } from '../config.ts';
import type { DecoderSizes } from '../decoder.ts';
import { isEmpty } from '../silentKeys.ts';

const positive = z.number().positive();

/** Keys that every type may have. */
const common = { rope_theta: positive.default(10_000), partial_rotary_factor: z.literal(1).optional() };

const attnFactor = 'the code it was written for multiplies by it and transformers ignores it, so only 1 is understood';

const plain = z.strictObject({ ...common, rope_type: z.literal('default') });
const linear = z.strictObject({ ...common, rope_type: z.literal('linear'), factor: positive });
const dynamic = z.strictObject({ ...common, rope_type: z.literal('dynamic'), factor: positive });
const llama3 = z
	.strictObject({
		...common,
		rope_type: z.literal('llama3'),
		factor: positive,
		low_freq_factor: positive,
		high_freq_factor: positive,
		original_max_position_embeddings: positive.optional(),
	})
	.refine(({ low_freq_factor: low, high_freq_factor: high }) => low < high, {
		error: 'low_freq_factor must be below high_freq_factor',
	});
const yarn = z.strictObject({
	...common,
	rope_type: z.literal('yarn'),
	factor: positive,
	original_max_position_embeddings: positive.optional(),
	attention_factor: positive.nullish(),
	beta_fast: positive.nullish(),
	beta_slow: positive.nullish(),
	mscale: positive.nullish(),
	attn_factor: z.literal(1, { error: attnFactor }).nullish(),
	/** Whether weights were trained at the longer length, for code that stretches while it runs. */
	finetuned: z.boolean().nullish(),
	mscale_all_dim: positive.nullish(),
	truncate: z.boolean().default(true),
});
const longRope = z.strictObject({
	...common,
	rope_type: z.literal('longrope'),
	short_factor: z.array(positive),
	long_factor: z.array(positive),
	factor: positive.nullish(),
	attention_factor: positive.nullish(),
	original_max_position_embeddings: positive.optional(),
});

/** The kinds that are understood; anything else is refused. */
const settingsSchema = z.discriminatedUnion('rope_type', [plain, linear, dynamic, llama3, yarn, longRope]);

/** Keys of config.json about rotary positions: `rope_parameters` (transformers 5) or `rope_theta` with `rope_scaling`. */
export const rotaryKeys = {
	rope_theta: positive.optional(),
	rope_scaling: z.record(z.string(), z.unknown()).nullish(),
	rope_parameters: z.record(z.string(), z.unknown()).nullish(),
};

/** Returns the settings that the keys of a config give together; like transformers, `rope_scaling` wins where both are there. */
export function rotarySettings(
	config: z.infer<z.ZodObject<typeof rotaryKeys>>,
	theta?: number,
): Record<string, unknown> {
	const { rope_theta = theta, rope_scaling, rope_parameters } = config;
	const isOld = Object.keys(rope_scaling ?? {}).length > 0;
	return { rope_theta, ...(isOld ? rope_scaling : rope_parameters) };
}

/** Part of each head that is rotated. */
export const rotaryShare = z.number().positive().max(1).optional();
const settingsWithShare = z.looseObject({ partial_rotary_factor: rotaryShare }).nullish();

/** `rotaryKeys` of families that may rotate a part of each head only. */
export const partialRotaryKeys = {
	...rotaryKeys,
	partial_rotary_factor: rotaryShare,
	rope_parameters: settingsWithShare,
	rope_scaling: settingsWithShare,
};

/** Returns the settings of rotary positions and the share of each head that they turn; `otherwise` where no key says it. */
export function partialRotarySettings(
	config: z.infer<z.ZodObject<typeof partialRotaryKeys>>,
	otherwise: number,
): { readonly settings: Record<string, unknown>; readonly share: number } {
	const { partial_rotary_factor: own, ...settings } = rotarySettings(config);
	return { settings, share: rotaryShare.parse(own) ?? config.partial_rotary_factor ?? otherwise };
}

/** Rotary angles with the number of tokens for which they are those of the model. */
export interface RotaryPositions extends Rotary {
	readonly contextLength: number;
}

/**
 * Returns the angles of heads of which the given share is rotated. Types whose frequencies change with the length of
 * the text (dynamic, longrope) are given for the lengths before the change, which is then the context length. Throws
 * `UserError` for a type or key that is not understood.
 */
export function rotaryPositions(
	file: string,
	settings: Readonly<Record<string, unknown>>,
	{ headWidth, contextLength }: DecoderSizes,
	share = 1,
): RotaryPositions {
	const known = readSettings(file, settings);
	const width = Math.floor(headWidth * share);
	const base = Array.from({ length: Math.ceil(width / 2) }, (_, i) => known.rope_theta ** ((-2 * i) / width));
	if (2 * base.length > headWidth) {
		throw new UserError(`${file}: rotary positions turn pairs of dimensions, but a head has ${headWidth}.`);
	}
	switch (known.rope_type) {
		case 'default':
		case 'dynamic':
			return { frequencies: base, magnitude: 1, contextLength };
		case 'linear': {
			const frequencies = base.map((frequency) => frequency / known.factor);
			return { frequencies, magnitude: 1, contextLength };
		}
		case 'llama3':
			return { frequencies: llama3Frequencies(base, known, contextLength), magnitude: 1, contextLength };
		case 'yarn':
			return yarnPositions(base, known, width, contextLength);
		case 'longrope':
			return longRopePositions(file, base, known, contextLength);
	}
}

function readSettings(file: string, settings: Readonly<Record<string, unknown>>): z.infer<typeof settingsSchema> {
	const { type, ...rest } = settings;
	const said = Object.entries(rest).filter(([key, value]) => key === 'truncate' || !isEmpty(value));
	const named = { ...Object.fromEntries(said), rope_type: rest['rope_type'] ?? type ?? 'default' };
	const parsed = settingsSchema.safeParse(named);
	if (parsed.success) return parsed.data;
	throw new UserError(
		`${file}: rotary positions ${shown(named, 400)} are not understood: ${describeIssues(parsed.error)}. ` +
			'Known types: default, linear, dynamic, llama3, yarn, longrope, with their own keys.',
	);
}

/** Slow frequencies are divided by the factor, fast ones stay, those between are mixed (Grattafiori et al. 2024). */
function llama3Frequencies(base: readonly number[], settings: z.infer<typeof llama3>, contextLength: number): number[] {
	const { factor, low_freq_factor: low, high_freq_factor: high } = settings;
	const original = settings.original_max_position_embeddings ?? contextLength;
	return base.map((frequency) => {
		const turns = (original * frequency) / (2 * Math.PI);
		const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
		return ((1 - kept) * frequency) / factor + kept * frequency;
	});
}

/** YaRN (Peng et al. 2023): a ramp over dimensions from kept to divided frequencies, and larger cosines and sines. */
function yarnPositions(
	base: readonly number[],
	settings: z.infer<typeof yarn>,
	width: number,
	contextLength: number,
): RotaryPositions {
	const { factor, rope_theta: theta, truncate } = settings;
	const original = settings.original_max_position_embeddings ?? contextLength;
	/** Dimension that makes so many turns within the original context. */
	const dimensionOf = (turns: number): number =>
		(width * Math.log(original / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
	const [low, high] = [dimensionOf(settings.beta_fast ?? 32), dimensionOf(settings.beta_slow ?? 1)];
	const from = Math.max(truncate ? Math.floor(low) : low, 0);
	const to = Math.min(truncate ? Math.ceil(high) : high, width - 1);
	const frequencies = base.map((frequency, i) => {
		const divided = Math.min(1, Math.max(0, (i - from) / (to === from ? 0.001 : to - from)));
		return (divided * frequency) / factor + (1 - divided) * frequency;
	});
	return { frequencies, magnitude: yarnMagnitude(settings), contextLength: Math.max(contextLength, factor * original) };
}

function yarnMagnitude({ factor, attention_factor, mscale, mscale_all_dim }: z.infer<typeof yarn>): number {
	const growth = (weight: number): number => (factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1);
	if (attention_factor != null) return attention_factor;
	return mscale != null && mscale_all_dim != null ? growth(mscale) / growth(mscale_all_dim) : growth(1);
}

/** LongRoPE (Ding et al. 2024) up to the original context: each frequency has a divisor of its own. */
function longRopePositions(
	file: string,
	base: readonly number[],
	settings: z.infer<typeof longRope>,
	contextLength: number,
): RotaryPositions {
	const { short_factor: divisors, attention_factor } = settings;
	if (divisors.length !== base.length) {
		throw new UserError(`${file}: longrope has ${divisors.length} short factors for ${base.length} frequencies.`);
	}
	const original = settings.original_max_position_embeddings ?? contextLength;
	const factor = settings.factor ?? contextLength / original;
	const growth = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
	return {
		frequencies: base.map((frequency, i) => frequency / (divisors[i] as number)),
		magnitude: attention_factor ?? growth,
		contextLength: Math.min(contextLength, original),
	};
}
