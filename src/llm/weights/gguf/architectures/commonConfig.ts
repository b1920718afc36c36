/** Keys of config.json that nearly all architectures give in the same way. */
import { UserError } from '../../../../core/errors.ts';
import type { ModelKeys } from '../modelKeys.ts';
import type { ConfigValues } from './architecture.ts';

/** Returns the sizes, special tokens and whether the head is the embedding table. */
export function sizesOf(keys: ModelKeys): ConfigValues {
	const heads = requiredSame(keys, 'attention.head_count');
	const width = keys.required('embedding_length');
	const [keyWidth, valueWidth] = [keys.number('attention.key_length'), keys.number('attention.value_length')];
	if ((valueWidth ?? keyWidth) !== (keyWidth ?? valueWidth)) {
		throw new UserError(
			`${keys.file}: keys of ${keyWidth} and values of ${valueWidth} numbers per head are not supported.`,
		);
	}
	return {
		vocab_size: vocabularyOf(keys),
		hidden_size: width,
		intermediate_size: requiredSame(keys, 'feed_forward_length'),
		num_hidden_layers: keys.required('block_count'),
		num_attention_heads: heads,
		num_key_value_heads: keys.same('attention.head_count_kv') ?? heads,
		head_dim: keyWidth ?? Math.floor(width / heads),
		max_position_embeddings: keys.required('context_length'),
		rms_norm_eps: keys.number('attention.layer_norm_rms_epsilon') ?? 1e-6,
		tie_word_embeddings: !keys.has('output.weight'),
		...tokensOf(keys),
	};
}

/** Returns the number of rows of the embeddings, which may be fewer than the metadata say. */
export function vocabularyOf(keys: ModelKeys): number {
	keys.number('vocab_size');
	return keys.shape('token_embd.weight')[0] as number;
}

/** Returns the special tokens that a file names. */
export function tokensOf(keys: ModelKeys): ConfigValues {
	const named = (name: string, key: string): ConfigValues => {
		const id = keys.token(key);
		return id === undefined ? {} : { [name]: id };
	};
	return { ...named('bos_token_id', 'bos'), ...named('eos_token_id', 'eos'), ...named('pad_token_id', 'padding') };
}

export function requiredSame(keys: ModelKeys, key: string): number {
	return keys.same(key) ?? keys.required(key);
}

/**
 * Returns `rope_theta` and, where frequencies are changed, `rope_scaling`. Divisors of each frequency, which Llama 3's files
 * hold as a tensor, are given as those of longrope, whose formula is the same up to the whole context.
 */
export function rotaryOf(keys: ModelKeys, sizes: ConfigValues): ConfigValues {
	const headWidth = Number(sizes['head_dim']);
	const turned = keys.number('rope.dimension_count') ?? headWidth;
	if (turned !== headWidth) {
		throw new UserError(
			`${keys.file}: ${keys.architecture}.rope.dimension_count=${turned} of ${headWidth} per head is not supported.`,
		);
	}
	const base = { rope_theta: keys.number('rope.freq_base') ?? 10_000 };
	const divisors = keys.tensorValues('rope_freqs.weight');
	const scaling = divisors === undefined ? scalingOf(keys) : null;
	if (divisors !== undefined && divisors.some((divisor) => divisor !== 1)) {
		return { ...base, rope_scaling: dividedFrequencies(divisors, Number(sizes['max_position_embeddings'])) };
	}
	return scaling === null ? base : { ...base, rope_scaling: scaling };
}

function dividedFrequencies(divisors: readonly number[], contextLength: number): ConfigValues {
	return {
		rope_type: 'longrope',
		short_factor: divisors,
		long_factor: divisors,
		attention_factor: 1,
		original_max_position_embeddings: contextLength,
	};
}

/** Returns the scaling that the keys `rope.scaling.*` name, or null. */
export function scalingOf(keys: ModelKeys): ConfigValues | null {
	const type = keys.text('rope.scaling.type') ?? 'none';
	const factor = keys.number('rope.scaling.factor') ?? keys.number('rope.scale_linear') ?? 1;
	const original = keys.number('rope.scaling.original_context_length');
	if (type === 'none' || factor === 1) return null;
	if (type === 'linear') return { rope_type: 'linear', factor };
	if (type === 'yarn') {
		return {
			rope_type: 'yarn',
			factor,
			...(original === undefined ? {} : { original_max_position_embeddings: original }),
		};
	}
	throw new UserError(
		`${keys.file}: ${keys.architecture}.rope.scaling.type=${type} is not known. Known: none, linear, yarn.`,
	);
}
