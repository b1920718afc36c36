/** Seeded random numbers: the same seed gives the same numbers on every machine. */

/** A stream of random numbers. */
export interface Random {
	/** Uniform in [0, 1). */
	next(): number;
	/** Uniform integer in 0..limit-1. */
	integer(limit: number): number;
	/** Standard normal. */
	normal(): number;
	/** One element of a non-empty list. */
	pick<T>(items: readonly T[]): T;
	/** A shuffled copy. */
	shuffle<T>(items: readonly T[]): T[];
	/** `count` different elements in random order. */
	sample<T>(items: readonly T[], count: number): T[];
}

/** Returns a stream seeded by any values: `seededRandom(7, 'masking', example.id)`. xoshiro128** (Blackman & Vigna 2018). */
export function seededRandom(...seed: readonly (string | number)[]): Random {
	const next = xoshiro128(hashes(JSON.stringify(seed)));
	const integer = (limit: number): number => Math.floor(next() * limit);
	const shuffle = <T>(items: readonly T[]): T[] => {
		const copy = [...items];
		for (let i = copy.length - 1; i > 0; i--) {
			const j = integer(i + 1);
			[copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
		}
		return copy;
	};
	return {
		next,
		integer,
		normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
		pick: <T>(items: readonly T[]): T => {
			if (items.length === 0) throw new RangeError('Internal: pick from an empty list');
			return items[integer(items.length)] as T;
		},
		shuffle,
		sample: <T>(items: readonly T[], count: number): T[] => shuffle(items).slice(0, count),
	};
}

/** Returns four 32-bit words hashed from a string (cyrb128). */
function hashes(text: string): [number, number, number, number] {
	let [a, b, c, d] = [1779033703, 3144134277, 1013904242, 2773480762];
	for (let i = 0; i < text.length; i++) {
		const k = text.charCodeAt(i);
		a = b ^ Math.imul(a ^ k, 597399067);
		b = c ^ Math.imul(b ^ k, 2869860233);
		c = d ^ Math.imul(c ^ k, 951274213);
		d = a ^ Math.imul(d ^ k, 2716044179);
	}
	a = Math.imul(c ^ (a >>> 18), 597399067);
	b = Math.imul(d ^ (b >>> 22), 2869860233);
	c = Math.imul(a ^ (c >>> 17), 951274213);
	d = Math.imul(b ^ (d >>> 19), 2716044179);
	return [(a ^ b ^ c ^ d) >>> 0, (b ^ a) >>> 0, (c ^ a) >>> 0, (d ^ a) >>> 0];
}

function xoshiro128([s0, s1, s2, s3]: [number, number, number, number]): () => number {
	let [a, b, c, d] = [s0 | 1, s1, s2, s3];
	return () => {
		const product = Math.imul(b, 5);
		const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
		const shifted = b << 9;
		c ^= a;
		d ^= b;
		b ^= c;
		a ^= d;
		c ^= shifted;
		d = (d << 11) | (d >>> 21);
		return result / 4294967296;
	};
}
