/**
 * A GGUF file computed in each way the engine knows, one after the other in every round, and by llama.cpp where its package
 * is given: tokens per second of reading a prompt, of gradients and of writing, and memory. Prints a table to standard error
 * and one line of JSON; figures are the middle of the rounds. Nothing that is read shares its beginning with anything else.
 *
 *     npx tsx bench/gguf.ts --model FILE.gguf [--ways blocks,float32,int8] [--tokens 256] [--rounds 3] [--only-reading] [--llama FOLDER]
 *
 * FOLDER is one in which `npm install --ignore-scripts node-llama-cpp` was run; it computes with as many threads.
 */
import { parseArgs } from 'node:util';
import { measureLlama } from './gguf/llama.ts';
import { type Figures, measureWay } from './gguf/measureWay.ts';
import { type WayName, ways } from './gguf/ways.ts';

const { values } = parseArgs({
	options: {
		model: { type: 'string' },
		ways: { type: 'string', default: Object.keys(ways).join() },
		tokens: { type: 'string', default: '256' },
		rounds: { type: 'string', default: '3' },
		cache: { type: 'string' },
		llama: { type: 'string' },
		'only-reading': { type: 'boolean', default: false },
	},
});
const { model, llama } = values;
const chosen = values.ways.split(',');
const isWay = (name: string): name is WayName => Object.hasOwn(ways, name);
if (model === undefined || !chosen.every(isWay)) {
	console.error(`gguf: give --model FILE.gguf; --ways are some of ${Object.keys(ways).join(', ')}.`);
	process.exit(1);
}
const job = {
	file: model,
	tokens: Number(values.tokens),
	cacheFolder: values.cache,
	onlyReading: values['only-reading'],
};
const rounds: Record<string, Figures[]> = {};
for (let round = 0; round < Number(values.rounds); round++) {
	for (const way of chosen.filter(isWay)) {
		const figures = await measureWay(job, ways[way]);
		console.error(round, way, JSON.stringify(figures));
		(rounds[way] ??= []).push(figures);
	}
	if (llama !== undefined) (rounds['llama.cpp'] ??= []).push(await measureLlama(job, llama));
}
const middle = (numbers: readonly number[]): number =>
	numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;
const result = Object.fromEntries(
	Object.entries(rounds).map(([way, figures]) => {
		const keys = Object.keys(figures[0] ?? {}) as (keyof Figures)[];
		return [way, Object.fromEntries(keys.map((key) => [key, middle(figures.map((figure) => figure[key] ?? NaN))]))];
	}),
);
console.error(
	Object.entries(result)
		.map(([way, figures]) => `${way.padEnd(10)} ${JSON.stringify(figures)}`)
		.join('\n'),
);
console.log(JSON.stringify({ model, tokens: job.tokens, rounds: Number(values.rounds), ...result }));
