import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bfloat16FromFloat32, float16FromFloat32, float32FromBfloat16, float32FromFloat16 } from './floatConversion.ts';

const everyPattern = Uint16Array.from({ length: 65536 }, (_, i) => i);

/** Returns the bits of the finite pattern nearest to a value, ties to the even one, by trying them all. */
function nearestByTrial(value: number, decoded: Float32Array, limit: number): number {
	let best = 0;
	for (let bits = 0; bits < limit; bits++) {
		const distance = Math.abs((decoded[bits] as number) - value);
		const bestDistance = Math.abs((decoded[best] as number) - value);
		if (distance < bestDistance || (distance === bestDistance && bits % 2 === 0)) best = bits;
	}
	return best;
}

describe.each([
	{ name: 'bfloat16', decode: float32FromBfloat16, encode: bfloat16FromFloat32, infinity: 0x7f80 },
	{ name: 'float16', decode: float32FromFloat16, encode: float16FromFloat32, infinity: 0x7c00 },
])('$name', ({ decode, encode, infinity }) => {
	const decoded = decode(everyPattern);

	it('comes back from every pattern of bits', () => {
		const again = encode(decoded);
		const patterns = Array.from({ length: 65536 }, (_, bits) => bits);
		const isSame = (bits: number): boolean =>
			Number.isNaN(decoded[bits]) ? Number.isNaN(decode(again.slice(bits, bits + 1))[0]) : again[bits] === bits;
		expect(patterns.filter((bits) => !isSame(bits))).toEqual([]);
	});

	it('rounds to the nearest value', () => {
		const largest = decoded[infinity - 1] as number;
		const magnitude = fc.oneof(
			fc.float({ min: 0, max: Math.fround(largest), noNaN: true }),
			fc.float({ min: 0, max: 2, noNaN: true }),
		);
		fc.assert(
			fc.property(magnitude, (value) => {
				expect(encode(Float32Array.of(value, -value))).toEqual(
					Uint16Array.of(nearestByTrial(value, decoded, infinity), nearestByTrial(value, decoded, infinity) | 0x8000),
				);
			}),
		);
	});

	it('takes ties to the even pattern', () => {
		for (const bits of [1, 2, 0x100, 0x101, infinity - 3]) {
			const tie = ((decoded[bits] as number) + (decoded[bits + 1] as number)) / 2;
			if (Math.fround(tie) !== tie) continue;
			expect(encode(Float32Array.of(tie))[0]).toBe(bits % 2 === 0 ? bits : bits + 1);
		}
	});

	it('keeps infinity and overflows to it', () => {
		expect(encode(Float32Array.of(Infinity, -Infinity, 3.4028235e38))).toEqual(
			Uint16Array.of(infinity, infinity | 0x8000, infinity),
		);
	});
});

it('agrees with known half-precision patterns', () => {
	expect(float16FromFloat32(Float32Array.of(1, -2, 65504, 65520, 2 ** -24, 2 ** -25, 0.1))).toEqual(
		Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x7c00, 1, 0, 0x2e66),
	);
});

it('converts a view that starts inside its buffer', () => {
	expect(bfloat16FromFloat32(new Float32Array([9, 1, 2]).subarray(1))).toEqual(Uint16Array.of(0x3f80, 0x4000));
});
