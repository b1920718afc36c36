/** Rotary position embeddings (Su et al. 2021), first half against second half as checkpoints of transformers expect. */
import { cast, concat, constant, cosine, multiply, reshape, rotateHalves, scale, sine, slice } from '../graph/build.ts';
import type { Node } from '../graph/node.ts';
import type { Dimension } from '../graph/shape.ts';

/** Angles of one kind of layer; F pairs of dimensions are rotated. */
export interface Rotary {
	/** Angle per position of each pair, [F]. */
	readonly frequencies: readonly number[];
	/** What cosines and sines are multiplied by: 1, or the attention factor of YaRN and LongRoPE. */
	readonly magnitude: number;
}

/** Cosines and sines [B, T, 1, F]. */
export interface RotaryAngles {
	readonly cosines: Node;
	readonly sines: Node;
}

/** Returns the cosines and sines of position * frequency for positions [B, T]. */
export function rotaryAngles(positions: Node, { frequencies, magnitude }: Rotary): RotaryAngles {
	const [batch, tokens] = positions.shape as [Dimension, Dimension];
	const floats = reshape(cast(positions, 'float32'), [batch, tokens, 1, 1]);
	const angles = multiply(floats, constant(frequencies, [frequencies.length]));
	const sized = (x: Node): Node => (magnitude === 1 ? x : scale(x, magnitude));
	return { cosines: sized(cosine(angles)), sines: sized(sine(angles)) };
}

/** Returns heads [B, T, H, K] whose first 2F dimensions are rotated; the others pass. */
export function rotate(x: Node, { cosines, sines }: RotaryAngles): Node {
	const [width, pairs] = [Number(x.shape.at(-1)), Number(cosines.shape.at(-1))];
	if (width === 2 * pairs) return rotateHalves(x, cosines, sines);
	return concat([rotateHalves(slice(x, 3, 0, 2 * pairs), cosines, sines), slice(x, 3, 2 * pairs, width)], 3, width);
}
