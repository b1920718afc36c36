/** Random signs for sign-flip tests, the same for every comparison over as many examples. */
import { seededRandom } from '../../core/random.ts';

/** Draws of one block; a test that draws draws one block at least. */
export const drawsPerBlock = 10_000;

/** From the second block on, drawing ends where so many draws lie as far from 0 as the difference: p is then known to a tenth. */
export const enough = 100;

/** A block of draws: 8 signs per byte, `[ceil(n / 8), drawsPerBlock]`: what is added up together lies side by side. */
export type SignBlock = Uint8Array;

/** Returns the block of a number, over `n` examples; it is the same whoever asks, and whenever. */
export type SignDraws = (n: number, block: number) => SignBlock;

/** Bytes of blocks that are held for the next comparison. */
const heldBytes = 32_000_000;

/** Returns seeded draws. The first blocks are kept for the next test, which is the most of what tests ask for. */
export function signDraws(seed: number | string): SignDraws {
	const held = new Map<string, SignBlock>();
	let bytes = 0;
	return (n, block) => {
		const key = `${n} ${block}`;
		const known = held.get(key);
		if (known !== undefined) return known;
		const drawn = drawBlock(seed, n, block);
		bytes += drawn.length;
		if (bytes > heldBytes) {
			held.clear();
			bytes = drawn.length;
		}
		held.set(key, drawn);
		return drawn;
	};
}

function drawBlock(seed: number | string, n: number, block: number): SignBlock {
	const random = seededRandom(seed, 'sign flips', n, block);
	const width = Math.ceil(n / 8);
	const words = new Uint32Array(Math.ceil((drawsPerBlock * width) / 4));
	for (let i = 0; i < words.length; i++) words[i] = random.next() * 2 ** 32;
	const drawByDraw = new Uint8Array(words.buffer);
	const signs = new Uint8Array(drawsPerBlock * width);
	for (let draw = 0; draw < drawsPerBlock; draw++) {
		for (let byte = 0; byte < width; byte++) {
			signs[byte * drawsPerBlock + draw] = drawByDraw[draw * width + byte] as number;
		}
	}
	return signs;
}

/** Returns the sum of the values under every draw's signs, [drawsPerBlock]. */
export function signedSums(values: Float64Array, signs: SignBlock): Float64Array {
	const width = Math.ceil(values.length / 8);
	const tables = signedTables(values, width);
	const sums = new Float64Array(drawsPerBlock);
	let byte = 0;
	for (; byte + 4 <= width; byte += 4) addFour(sums, tables.subarray(byte << 8), signs.subarray(byte * drawsPerBlock));
	for (; byte < width; byte++) addOne(sums, tables.subarray(byte << 8), signs.subarray(byte * drawsPerBlock));
	return sums;
}

/** One table after the other for all draws: a table is small enough for the processor's nearest memory, all are not. */
function addOne(sums: Float64Array, table: Float64Array, signs: Uint8Array): void {
	for (let draw = 0; draw < drawsPerBlock; draw++) {
		sums[draw] = (sums[draw] as number) + (table[signs[draw] as number] as number);
	}
}

/** As `addOne` four times, in the same order, with a fourth of the sums' ways to and from memory. */
function addFour(sums: Float64Array, tables: Float64Array, signs: Uint8Array): void {
	for (let draw = 0; draw < drawsPerBlock; draw++) {
		let sum = sums[draw] as number;
		sum += tables[signs[draw] as number] as number;
		sum += tables[256 + (signs[drawsPerBlock + draw] as number)] as number;
		sum += tables[512 + (signs[2 * drawsPerBlock + draw] as number)] as number;
		sums[draw] = sum + (tables[768 + (signs[3 * drawsPerBlock + draw] as number)] as number);
	}
}

/** Returns the sums of eight values each under all 256 ways to give them signs, so that a draw adds one number for eight. */
function signedTables(values: Float64Array, width: number): Float64Array {
	const tables = new Float64Array(256 * width);
	const padded = new Float64Array(8 * width);
	padded.set(values);
	for (let byte = 0; byte < width; byte++) {
		let none = 0;
		for (let i = 0; i < 8; i++) none -= padded[8 * byte + i] as number;
		tables[byte << 8] = none;
		for (let signs = 1; signs < 256; signs++) {
			const highest = 31 - Math.clz32(signs);
			const without = tables[(byte << 8) + signs - (1 << highest)] as number;
			tables[(byte << 8) + signs] = without + 2 * (padded[8 * byte + highest] as number);
		}
	}
	return tables;
}
