/** Frequencies of rotary position embeddings, by the type that a config names. */
import { z } from 'zod';
import { UserError } from '../../core/errors.ts';

const plain = z.object({ rope_type: z.literal('default') });
const linearScaling = z.object({ rope_type: z.literal('linear'), factor: z.number().positive() });
const llama3Scaling = z.object({
	rope_type: z.literal('llama3'),
	factor: z.number().positive(),
	low_freq_factor: z.number().positive(),
	high_freq_factor: z.number().positive(),
	original_max_position_embeddings: z.number().positive(),
});

/** The kinds of scaling that are understood; anything else is refused. */
const scalingSchema = z.discriminatedUnion('rope_type', [plain.strict(), linearScaling.strict(), llama3Scaling.strict()]);
type Scaling = z.infer<typeof scalingSchema>;

/** Keys of config.json about rotary positions: `rope_parameters` (transformers 5) or `rope_theta` with `rope_scaling`. */
export const rotaryKeys = {
	rope_theta: z.number().positive().optional(),
	rope_scaling: z.record(z.string(), z.unknown()).nullish(),
	rope_parameters: z.record(z.string(), z.unknown()).nullish(),
};

type RotaryConfig = z.infer<z.ZodObject<typeof rotaryKeys>>;

/**
 * Returns the angle per position of each pair of dimensions, [K/2]: theta^(-2i/K), scaled as the config says.
 * Throws `UserError` for a type or key that is not understood. Source: transformers `modeling_rope_utils`.
 */
export function rotaryFrequencies(file: string, config: RotaryConfig, headWidth: number): number[] {
	const { rope_theta, type, ...rest } = { ...config.rope_scaling, ...config.rope_parameters } as Record<string, unknown>;
	const theta = Number(rope_theta ?? config.rope_theta ?? 10_000);
	const settings = { ...rest, rope_type: rest['rope_type'] ?? type ?? 'default' };
	const scaling = scalingSchema.safeParse(settings);
	if (!scaling.success) {
		throw new UserError(
			`${file}: rotary positions ${JSON.stringify(settings)} are not understood. Known types: default, linear, llama3 with their own keys.`,
		);
	}
	const base = Array.from({ length: headWidth / 2 }, (_, i) => theta ** ((-2 * i) / headWidth));
	return base.map((frequency) => scaled(frequency, scaling.data));
}

function scaled(frequency: number, scaling: Scaling): number {
	if (scaling.rope_type === 'default') return frequency;
	if (scaling.rope_type === 'linear') return frequency / scaling.factor;
	const { factor, low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: original } = scaling;
	const turns = (original * frequency) / (2 * Math.PI);
	if (turns > high) return frequency;
	if (turns < low) return frequency / factor;
	const smooth = (turns - low) / (high - low);
	return ((1 - smooth) * frequency) / factor + smooth * frequency;
}
