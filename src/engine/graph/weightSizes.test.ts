import { expect, it } from 'vitest';
import type { BlockForm } from './blockWeights.ts';
import { cast, gatherRows, input, matmul, weight } from './build.ts';
import type { Node } from './node.ts';
import { weightSizes } from './weightSizes.ts';
import { roundedProducts, storedWeights } from './weightUse.ts';

const rows = input('rows', ['N', 64]);
const table = weight('w', [100, 64]);
const product = matmul(rows, table, { transposeB: true });
const form: BlockForm = { bits: 4, size: 32, hasOffsets: true, servesLookups: true, rounds: false };
const sizesOf = (node: Node, forms: ReadonlyMap<string, BlockForm> = new Map([['w', form]])) =>
	Object.fromEntries(weightSizes(Object.values(storedWeights({ node }, forms)), false));

it('counts 4 bits in the layout of the kernel, and scales and offsets as they are mapped', () => {
	const [numbers, perBlock] = [(100 * 64) / 2, 4 * 100 * 2];
	expect(sizesOf(product)).toEqual({ 'w.numbers': numbers, 'w.scales': perBlock, 'w.offsets': perBlock });
});

it('counts two more numbers for each block where what is multiplied is rounded', () => {
	const { node } = roundedProducts({ node: product }, new Map([['w', form]]));
	expect(sizesOf(node)).toMatchObject({ 'w.numbers': (100 * 64) / 2 + 2 * 4 * 100 * 2 });
});

it('counts 8 bits as they are mapped, with the numbers that stand for 0', () => {
	const bytes: BlockForm = { ...form, bits: 8, hasOffsets: false };
	expect(sizesOf(product, new Map([['w', bytes]]))).toEqual({
		'w.numbers': 100 * 64,
		'w.scales': 4 * 100 * 2,
		'zeros.8': 100 * 2,
	});
});

it('counts nothing of a table but the rows that are looked up', () => {
	const ids = input('ids', ['N'], 'int64');
	expect(sizesOf(gatherRows(table, ids), new Map([['w', { ...form, hasOffsets: false }]]))).toEqual({});
	expect(sizesOf(gatherRows(cast(weight('t', [100, 64], 'bfloat16'), 'float32'), ids))).toEqual({ t: 2 * 100 * 64 });
});
