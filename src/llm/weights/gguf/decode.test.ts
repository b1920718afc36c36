import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { float32FromBfloat16, float32FromFloat16 } from '../floatConversion.ts';
import { type BlockTypeName, blockTypes } from './blockTypes.ts';
import { decodeBlocks } from './decode.ts';

type Stored = Readonly<Record<string, { readonly bytes: string; readonly values: string }>>;
const reference = JSON.parse(readFileSync('fixtures/gguf/blocks.json', 'utf8')) as Stored;
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'));

/** Bits, so that 0 and -0 differ. */
const bitsOf = (values: Float32Array): string => Buffer.from(values.buffer).toString('hex');

it('has numbers of gguf-py for every type of blocks', () => {
	expect(Object.keys(reference)).toEqual(expect.arrayContaining(Object.keys(blockTypes)));
});

it.each(Object.keys(blockTypes) as BlockTypeName[])('decodes %s as gguf-py does, bit for bit', (type) => {
	const { bytes, values } = reference[type] as Stored[string];
	const decoded = decodeBlocks(type, bytesOf(bytes));
	expect(bitsOf(decoded)).toBe(Buffer.from(values, 'base64').toString('hex'));
});

it.each([
	['F16', float32FromFloat16],
	['BF16', float32FromBfloat16],
] as const)('reads %s as gguf-py does, bit for bit', (type, convert) => {
	const { bytes, values } = reference[type] as Stored[string];
	const decoded = convert(new Uint16Array(bytesOf(bytes).buffer));
	expect(bitsOf(decoded)).toBe(Buffer.from(values, 'base64').toString('hex'));
});
