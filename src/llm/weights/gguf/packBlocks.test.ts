import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type BlockTypeName, blockTypes } from './blockTypes.ts';
import { decodeBlocks } from './decode.ts';
import { packBlocks, packedForm } from './packBlocks.ts';

const stored = JSON.parse(readFileSync('fixtures/gguf/blocks.json', 'utf8')) as Record<string, { bytes: string }>;
const bytesOf = (type: string): Uint8Array => Uint8Array.from(Buffer.from(stored[type]?.bytes ?? '', 'base64'));
const rows = 4;

/** Returns the weights that a product takes from packed parts, in float64. */
function unpacked(type: BlockTypeName, order?: Int32Array): { weights: number[]; steps: number[] } {
	const { bits, size } = packedForm(type);
	const { numbers, scales, offsets } = packBlocks(type, bytesOf(type), rows, order);
	const count = (numbers.length * 8) / bits;
	const steps = Array.from({ length: count }, (_, i) => Math.abs(scales[Math.floor(i / size)] as number));
	const weights = steps.map((_, i) => {
		const byte = numbers[Math.floor((i * bits) / 8)] as number;
		const q = bits === 8 ? byte : (byte >> (4 * (i % 2))) & 15;
		const group = Math.floor(i / size);
		return (q - 2 ** (bits - 1)) * (scales[group] as number) + (offsets[group] ?? 0);
	});
	return { weights, steps };
}

const types = Object.keys(blockTypes) as BlockTypeName[];

it.each(types)('%s: packed weights are the decoded ones, to the last bit where there is no offset', (type) => {
	const { weights, steps } = unpacked(type);
	const decoded = decodeBlocks(type, bytesOf(type));
	expect(weights.length).toBe(decoded.length);
	for (const [i, value] of decoded.entries()) {
		if (!packedForm(type).hasOffsets) expect(Math.fround(weights[i] as number)).toBe(value + 0);
		const largest = Math.max(Math.abs(value), 32 * (steps[i] as number));
		expect(Math.abs((weights[i] as number) - value)).toBeLessThanOrEqual(largest * 2 ** -23);
	}
});

it.each(types)('%s: rows come in the order that is asked for', (type) => {
	const order = Int32Array.of(2, 0, 3, 1);
	const [plain, turned] = [unpacked(type).weights, unpacked(type, order).weights];
	const width = plain.length / rows;
	for (const [row, from] of order.entries())
		expect(turned.slice(row * width, (row + 1) * width)).toEqual(plain.slice(from * width, (from + 1) * width));
});
