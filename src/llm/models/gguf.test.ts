import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { input } from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';
import { createSession } from '../../engine/onnx/session.ts';
import { blockDecoder, decodedDecoder } from './blockDecoder.ts';
import { type LoadedDecoder, loadDecoder } from './loadDecoder.ts';

const cache = mkdtempSync(join(tmpdir(), 'decoded-'));
afterAll(() => rmSync(cache, { recursive: true }));

interface Expected {
	readonly ids: readonly number[];
	readonly logits: string;
}
const expected = JSON.parse(readFileSync('fixtures/gguf/models/expected.json', 'utf8')) as Readonly<
	Record<string, Expected>
>;

/** Returns the logits [T, V] of a sequence, by the engine's own graphs. */
async function logitsOf(
	{ decoder, checkpoint, place, quantised }: LoadedDecoder,
	ids: readonly number[],
): Promise<Float32Array> {
	const positions = input('positions', ['B', 'T'], 'int64');
	const embeddings = decoder.embed(input('ids', ['B', 'T'], 'int64'));
	const { hiddenStates } = decoder.run({ embeddings, positions, keyPositions: positions, past: null });
	const graph = { logits: decoder.logits(hiddenStates.at(-1) as Node) };
	const options = { weightsFolder: checkpoint.rootFolder, place, prepack: false, quantised };
	const session = await createSession(graph, options);
	const grid = (values: readonly number[]) => ({ data: BigInt64Array.from(values, BigInt), sizes: [1, values.length] });
	const { logits } = await session.run({ ids: grid(ids), positions: grid(ids.map((_, i) => i)) });
	await session.release();
	return logits.data as Float32Array;
}

describe('GGUF files of the converter of llama.cpp', () => {
	it.each(Object.entries(expected))(
		'%s: logits are those of transformers, with weights decoded and in blocks',
		async (name, { ids, logits }) => {
			const wanted = new Float32Array(Uint8Array.from(Buffer.from(logits, 'base64')).buffer);
			const loaded = loadDecoder(`fixtures/gguf/models/${name}.gguf`);
			const scale = Math.max(1, ...wanted.map(Math.abs));
			for (const decoder of [decodedDecoder(loaded, cache), blockDecoder(loaded, cache)]) {
				const found = await logitsOf(decoder, ids);
				expect(found.length).toBe(wanted.length);
				const largest = Math.max(...found.map((value, i) => Math.abs(value - (wanted[i] as number))));
				expect(largest / scale).toBeLessThan(2e-5);
			}
		},
	);
});
