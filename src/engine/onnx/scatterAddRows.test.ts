import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import * as build from '../graph/build.ts';
import { createSession } from './session.ts';

it('scatterAddRows adds many rows to the same place in the same order every time, on several threads', async () => {
	const [many, width] = [20_000, 64];
	const places = build.input('places', [many], 'int64');
	const added = build.input('added', [many, width]);
	const outputs = { sums: build.scatterAddRows(places, added, 50) };
	const options = { weightsFolder: tmpdir(), place: () => ({ location: '', offset: 0 }), prepack: false, threads: 4 };
	const session = await createSession(outputs, options);
	const random = seededRandom('scatter');
	const feeds = {
		places: { sizes: [many], data: BigInt64Array.from({ length: many }, () => BigInt(random.integer(50))) },
		added: { sizes: [many, width], data: Float32Array.from({ length: many * width }, () => random.normal()) },
	};
	const runs: Buffer[] = [];
	for (let run = 0; run < 20; run++)
		runs.push(Buffer.from((await session.run(feeds)).sums?.data.buffer as ArrayBuffer));
	await session.release();
	expect(runs.every((run) => run.equals(runs[0] as Buffer))).toBe(true);
});
