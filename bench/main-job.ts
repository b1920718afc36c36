/**
 * The main job: predict, score words with five methods, mask the best words and predict again, for prompts that share
 * their instructions. Prints one line of JSON (keys: docs/performance.md); a table of where the time went goes to
 * standard error.
 *
 *     npx tsx bench/main-job.ts --model FOLDER --data FILE.jsonl --n 8 [--memory BYTES] [--weights float32]
 *         [--perturbation-weights int8] [--calibrate]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { itemAt, present } from '../src/core/present.ts';
import { defaultSettings, perturbationWeightForms, weightForms } from '../src/llm/engineSettings.ts';
import { openLocalModel } from '../src/llm/localModel.ts';
import { neededGflop } from './mainJob/arithmetic.ts';
import { readModelSizes } from './mainJob/modelSizes.ts';
import { runJob } from './mainJob/job.ts';
import { matrixProductSpeed, peakMemory, processorSeconds } from './mainJob/machine.ts';
import { tokeniseExample, withOtherPrefix, type JobExample } from './mainJob/jobExample.ts';
import { figuresTable, stopwatch } from './mainJob/stopwatch.ts';

const { values } = parseArgs({
	options: {
		model: { type: 'string' },
		data: { type: 'string' },
		n: { type: 'string', default: '8' },
		memory: { type: 'string' },
		weights: { type: 'string', default: 'auto' },
		'perturbation-weights': { type: 'string', default: 'same' },
		calibrate: { type: 'boolean', default: false },
	},
});
if (values.model === undefined || values.data === undefined || !(Number(values.n) >= 1)) {
	console.error(
		'main-job: give --model FOLDER --data FILE.jsonl; --n with the number of examples; --memory with a number of bytes ' +
			`and --weights with one of ${weightForms.join(', ')} as for \`rationale\`.`,
	);
	process.exit(1);
}

const rows = readFileSync(values.data, 'utf8').trim().split('\n');
const examples = rows.slice(0, Number(values.n)).map((line) => JSON.parse(line) as JobExample);
const settings = {
	...defaultSettings,
	calibrate: values.calibrate,
	memory: values.memory === undefined ? null : Number(values.memory),
	weights: weightForms.find((form) => form === values.weights) ?? 'auto',
	perturbationWeights: perturbationWeightForms.find((form) => form === values['perturbation-weights']) ?? 'same',
};
const model = await openLocalModel(values.model, { folder: values.model, adapter: null }, settings);
try {
	const tokenised = await Promise.all(examples.map((example) => tokeniseExample(model, example)));
	const [first] = tokenised;
	if (first === undefined) throw new Error('main-job: the data file is empty');
	// Compiles every graph; nothing computed here can be reused, for its prompts begin otherwise.
	await runJob(model, [withOtherPrefix(first)], stopwatch());
	const speeds = [await matrixProductSpeed()];
	const [watch, used] = [stopwatch(), processorSeconds()];
	const results = await runJob(model, tokenised, watch);
	const processor = used === null ? null : ((processorSeconds() ?? NaN) - used) / tokenised.length;
	speeds.push(await matrixProductSpeed());
	const seconds = watch.total() / tokenised.length;
	const gemm = Math.max(...speeds.map(({ wall }) => wall));
	const needed = neededGflop(
		readModelSizes(values.model),
		tokenised,
		results.map(({ asked }) => asked),
	);
	const best = Math.max(...speeds.map((speed) => speed.processor));
	const byProcessor = processor === null ? null : needed / (best * processor);
	const share = (method: string): number[] =>
		present(itemAt(results, 0).flips[method], method).map(
			(_, i) => results.filter(({ flips }) => flips[method]?.[i] === true).length / results.length,
		);
	const methods = Object.keys(results[0]?.flips ?? {});
	console.error(figuresTable(watch, { seconds, needed, gemm, byProcessor }));
	console.log(
		JSON.stringify({
			seconds_per_example: seconds,
			tokens: first.ids.length,
			words: first.words.length,
			peak_rss_mb: peakMemory(),
			predictions: results.map(({ predicted }) => predicted),
			flip_rate: Object.fromEntries(methods.map((method) => [method, share(method)])),
			first: results[0]?.scores,
			gemm_gflops: gemm,
			needed_gflop_per_example: needed,
			limit_ratio: needed / (gemm * seconds),
			limit_ratio_of_processor_time: byProcessor,
		}),
	);
} finally {
	await model.close();
}
