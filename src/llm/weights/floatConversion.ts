/**
 * Conversion between float32 and the two 16-bit floats of weight files, whose bits are kept in a Uint16Array.
 * Rounding is to the nearest value, ties to the even one (IEEE 754-2019, 4.3.1), as PyTorch and NumPy do.
 */

/** Returns float32 values of bfloat16 bits; exact. */
export function float32FromBfloat16(bits: Uint16Array): Float32Array<ArrayBuffer> {
	const words = new Uint32Array(bits.length);
	for (let i = 0; i < bits.length; i++) words[i] = (bits[i] as number) << 16;
	return new Float32Array(words.buffer);
}

/** Returns the bits of the nearest bfloat16 values; too large becomes infinite, NaN stays NaN. */
export function bfloat16FromFloat32(values: Float32Array): Uint16Array<ArrayBuffer> {
	const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
	return Uint16Array.from(words, (word) => {
		if ((word & 0x7fffffff) > 0x7f800000) return (word >>> 16) | 0x40;
		return (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
	});
}

/** Returns float32 values of IEEE half-precision bits; exact. */
export function float32FromFloat16(bits: Uint16Array): Float32Array<ArrayBuffer> {
	const values = new Float32Array(bits.length);
	for (let i = 0; i < bits.length; i++) values[i] = halfValue(bits[i] as number);
	return values;
}

/** Returns the bits of the nearest half-precision values; too large becomes infinite, NaN stays NaN. */
export function float16FromFloat32(values: Float32Array): Uint16Array<ArrayBuffer> {
	const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
	return Uint16Array.from(
		words,
		(word, i) => ((word >>> 16) & 0x8000) | halfMagnitude(Math.abs(values[i] as number), word),
	);
}

/** Returns the value of half-precision bits. */
export function halfValue(bits: number): number {
	const sign = bits & 0x8000 ? -1 : 1;
	const exponent = (bits >>> 10) & 0x1f;
	const mantissa = bits & 0x3ff;
	if (exponent === 0) return sign * mantissa * 2 ** -24;
	if (exponent === 31) return mantissa === 0 ? sign * Infinity : Number.NaN;
	return sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

/** Returns the 15 low bits for a magnitude and its float32 bits. */
function halfMagnitude(magnitude: number, word: number): number {
	if (Number.isNaN(magnitude)) return 0x7e00;
	if (magnitude < 2 ** -14) return roundHalfToEven(magnitude * 2 ** 24);
	const rounded = (word & 0x7fffffff) + 0xfff + ((word >>> 13) & 1);
	return Math.min((rounded >>> 13) - (112 << 10), 0x7c00);
}

function roundHalfToEven(value: number): number {
	const floor = Math.floor(value);
	const rest = value - floor;
	return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
