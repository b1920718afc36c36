/** Forward passes, gradients and greedy generation against transformers. */
import { join } from 'node:path';
import { itemAt } from '../../src/core/present.ts';
import { gradients } from '../../src/engine/graph/backward.ts';
import { logSoftmax, subtract } from '../../src/engine/graph/build.ts';
import type { Node } from '../../src/engine/graph/node.ts';
import type { Value } from '../../src/engine/onnx/session.ts';
import { generate, stepGraph } from '../../src/llm/generation/generator.ts';
import { createSessionPool } from '../../src/llm/sessions/sessionPool.ts';
import { emptyCache } from '../../src/llm/prefix/keyValueCache.ts';
import { type LoadedDecoder, loadDecoder } from '../../src/llm/models/loadDecoder.ts';
import { compare, type Difference, type Expected, readExpected } from './difference.ts';
import { type Comparison, feedsOf, floats, type Forward, forward, ids, logitOf, numbered, open } from './forward.ts';
import { relevances } from './relevances.ts';

/** Returns the difference of every tensor in the folder's expected.safetensors. */
export async function comparePasses(folder: string): Promise<Difference[]> {
	const expected = readExpected(join(folder, 'expected.safetensors'));
	const loaded = loadDecoder(folder);
	const sequences = ['a', 'b'].filter((sequence) => expected.has(`${sequence}.input_ids`));
	return [
		...(await compareGraphs(loaded, expected, sequences)),
		...(await compareGreedy(
			loaded,
			expected,
			sequences.filter((sequence) => expected.has(`${sequence}.greedy`)),
		)),
	];
}

/** Everything that reads the forward pass is one graph, compiled once for all sequences. */
async function compareGraphs(
	loaded: LoadedDecoder,
	expected: Expected,
	sequences: readonly string[],
): Promise<Difference[]> {
	const pass = forward(loaded, loaded.decoder.embed(ids));
	const hasGradients = sequences.some((sequence) => expected.has(`${sequence}.grad_logit`));
	const comparisons = [
		states(pass, expected),
		...(hasGradients ? [gradientsOf(pass, expected)] : []),
		...relevances(loaded, pass, expected),
	];
	const session = await open(loaded, Object.assign({}, ...comparisons.map(({ outputs }) => outputs)));
	const differences: Difference[] = [];
	for (const sequence of sequences) {
		const results = await session.run(feedsOf(expected, sequence));
		differences.push(...comparisons.flatMap((comparison) => comparison.differences(results, sequence)));
	}
	await session.release();
	return differences;
}

function states({ embeddings, trace, logits }: Forward, expected: Expected): Comparison {
	return {
		outputs: {
			logits,
			embeds: embeddings,
			...numbered('h', trace.hiddenStates),
			...numbered('a', trace.attentions),
		},
		differences: (results, sequence) => {
			const joined = (letter: string, count: number): number[] =>
				Array.from({ length: count }, (_, i) => [...(results[`${letter}${i}`] as Value).data].map(Number)).flat();
			const found = (name: string, values: ArrayLike<number>): Difference =>
				compare(`${sequence}.${name}`, values, expected.floats(`${sequence}.${name}`), 1e-4);
			const last = found('logits', floats(results, 'logits'));
			if (!expected.has(`${sequence}.attentions`)) return [last];
			return [
				last,
				found('embeds', floats(results, 'embeds')),
				found('hidden_states', joined('h', trace.hiddenStates.length)),
				found('attentions', joined('a', trace.attentions.length)),
			];
		},
	};
}

function gradientsOf({ embeddings, trace, logits }: Forward, expected: Expected): Comparison {
	const [target, foil] = [expected.integers('target')[0] as number, expected.integers('foil')[0] as number];
	const targets = {
		grad_logit: logitOf(logits, target),
		grad_diff: subtract(logitOf(logits, target), logitOf(logits, foil)),
		grad_logprob: logitOf(logSoftmax(logits), target),
	};
	const outputs: Record<string, Node> = {};
	for (const [name, node] of Object.entries(targets)) outputs[name] = gradients(node, [embeddings])[0] as Node;
	Object.assign(outputs, numbered('ga', gradients(targets.grad_logit, trace.attentions) as Node[]));
	return {
		outputs,
		differences: (results, sequence) => {
			const key = (name: string): string => `${sequence}.${name}`;
			if (!expected.has(key('grad_logit'))) return [];
			const attention = trace.attentions.flatMap((_, layer) => [...floats(results, `ga${layer}`)]);
			return [
				...Object.keys(targets).map((name) =>
					compare(key(name), floats(results, name), expected.floats(key(name)), 1e-3),
				),
				compare(key('grad_attn'), attention, expected.floats(key('grad_attn')), 1e-3),
			];
		},
	};
}

async function compareGreedy(
	loaded: LoadedDecoder,
	expected: Expected,
	sequences: readonly string[],
): Promise<Difference[]> {
	if (sequences.length === 0) return [];
	const pool = createSessionPool({ loaded, prepack: false, available: Infinity });
	const session = await pool.session('generate', () => stepGraph(loaded.decoder));
	const generator = { session, decoder: loaded.decoder, endTokens: [] };
	const differences: Difference[] = [];
	for (const sequence of sequences) {
		const wanted = expected.integers(`${sequence}.greedy`);
		const prompt = expected.integers(`${sequence}.input_ids`);
		const generated = await generate(generator, [{ prompt, number: 0 }], emptyCache(loaded.decoder.sizes), {
			maxNewTokens: wanted.length,
		});
		differences.push(compare(`${sequence}.greedy`, itemAt(generated, 0).ids, wanted, 0));
	}
	await session.release();
	return differences;
}
