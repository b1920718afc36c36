/**
 * Time of all alignment metrics with their intervals: 10,000 examples x 10 methods, 1,000 resamples, one thread.
 *   npx tsx bench/alignment.ts
 * Prints one JSON line: `seconds` by the clock, `cpuSeconds` of the processor (the two differ on a busy machine).
 */
import { itemAt } from '../src/core/present.ts';
import { seededRandom } from '../src/core/random.ts';
import type { AlignedExample } from '../src/evaluation/alignment/alignedExample.ts';
import { estimate } from '../src/evaluation/estimate.ts';
import { metrics } from '../src/evaluation/metrics.ts';
import { sharedDraws } from '../src/evaluation/statistics/bootstrap.ts';

const size = { examples: 10_000, methods: 10, resamples: 1000 };

const items = Array.from({ length: size.methods }, (_, method) => examplesOf(method));
const options = { seed: 1, resamples: size.resamples, draws: sharedDraws() };
const start = performance.now();
const cpu = process.cpuUsage();
const values = items.flatMap((examples) =>
	Object.values(metrics.alignment).map((metric) => estimate(metric, examples, options).value),
);
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(cpu);
const round = (value: number): number => Math.round(value * 100) / 100;
console.log(
	JSON.stringify({
		...size,
		metrics: Object.keys(metrics.alignment).length,
		values: values.filter((value) => value !== null).length,
		seconds: round(seconds),
		cpuSeconds: round((user + system) / 1e6),
	}),
);

/** Texts of 15 to 45 words, 1 to 6 of them annotated; the method finds about half of these. */
function examplesOf(method: number): AlignedExample[] {
	return Array.from({ length: size.examples }, (_, i) => {
		const text = seededRandom('text', i);
		const wordCount = 15 + text.integer(31);
		const words = [...new Array(wordCount).keys()];
		const gold = text.sample(words, 1 + text.integer(6));
		const random = seededRandom('method', method, i);
		const scores = words.map((word) => random.normal() + (gold.includes(word) ? 1 : 0));
		const predicted = words.toSorted((a, b) => itemAt(scores, b) - itemAt(scores, a)).slice(0, gold.length);
		return { wordCount, gold, predicted, scores };
	});
}
