/** Forward passes, gradients and greedy generation against transformers. */
import { join } from 'node:path';
import { gradients } from '../../src/engine/graph/backward.ts';
import { logSoftmax, subtract } from '../../src/engine/graph/build.ts';
import type { Node } from '../../src/engine/graph/node.ts';
import type { Value } from '../../src/engine/onnx/session.ts';
import { generate, stepGraph } from '../../src/llm/generation/generator.ts';
import { createSessionPool } from '../../src/llm/sessions/sessionPool.ts';
import { emptyCache } from '../../src/llm/prefix/keyValueCache.ts';
import { type LoadedDecoder, loadDecoder } from '../../src/llm/models/loadDecoder.ts';
import { compare, type Difference, type Expected, readExpected } from './difference.ts';
import { feedsOf, floats, forward, ids, logitOf, numbered, runOnce } from './forward.ts';
import { compareRelevances } from './relevances.ts';

/** Returns the difference of every tensor in the folder's expected.safetensors. */
export async function comparePasses(folder: string): Promise<Difference[]> {
	const expected = readExpected(join(folder, 'expected.safetensors'));
	const loaded = loadDecoder(folder);
	const differences: Difference[] = [];
	for (const sequence of ['a', 'b']) {
		if (!expected.has(`${sequence}.input_ids`)) continue;
		differences.push(...(await compareForward(loaded, expected, sequence)));
		if (expected.has(`${sequence}.grad_logit`))
			differences.push(...(await compareGradients(loaded, expected, sequence)));
		differences.push(...(await compareRelevances(loaded, expected, sequence)));
		if (expected.has(`${sequence}.greedy`)) differences.push(await compareGreedy(loaded, expected, sequence));
	}
	return differences;
}

async function compareForward(loaded: LoadedDecoder, expected: Expected, sequence: string): Promise<Difference[]> {
	const { embeddings, trace, logits } = forward(loaded, loaded.decoder.embed(ids));
	const outputs = {
		logits,
		embeds: embeddings,
		...numbered('h', trace.hiddenStates),
		...numbered('a', trace.attentions),
	};
	const results = await runOnce(loaded, outputs, feedsOf(expected, sequence));
	const joined = (letter: string, count: number): number[] =>
		Array.from({ length: count }, (_, i) => [...(results[`${letter}${i}`] as Value).data].map(Number)).flat();
	const key = (name: string): string => `${sequence}.${name}`;
	const found: Difference[] = [compare(key('logits'), floats(results, 'logits'), expected.floats(key('logits')), 1e-4)];
	if (!expected.has(key('attentions'))) return found;
	return [
		...found,
		compare(key('embeds'), floats(results, 'embeds'), expected.floats(key('embeds')), 1e-4),
		compare(key('hidden_states'), joined('h', trace.hiddenStates.length), expected.floats(key('hidden_states')), 1e-4),
		compare(key('attentions'), joined('a', trace.attentions.length), expected.floats(key('attentions')), 1e-4),
	];
}

async function compareGradients(loaded: LoadedDecoder, expected: Expected, sequence: string): Promise<Difference[]> {
	const { embeddings, trace, logits } = forward(loaded, loaded.decoder.embed(ids));
	const [target, foil] = [expected.integers('target')[0] as number, expected.integers('foil')[0] as number];
	const targets = {
		grad_logit: logitOf(logits, target),
		grad_diff: subtract(logitOf(logits, target), logitOf(logits, foil)),
		grad_logprob: logitOf(logSoftmax(logits), target),
	};
	const outputs: Record<string, Node> = {};
	for (const [name, node] of Object.entries(targets)) outputs[name] = gradients(node, [embeddings])[0] as Node;
	Object.assign(outputs, numbered('ga', gradients(targets.grad_logit, trace.attentions) as Node[]));
	const results = await runOnce(loaded, outputs, feedsOf(expected, sequence));
	const attention = trace.attentions.flatMap((_, layer) => [...floats(results, `ga${layer}`)]);
	const key = (name: string): string => `${sequence}.${name}`;
	return [
		...Object.keys(targets).map((name) => compare(key(name), floats(results, name), expected.floats(key(name)), 1e-3)),
		compare(key('grad_attn'), attention, expected.floats(key('grad_attn')), 1e-3),
	];
}

async function compareGreedy(loaded: LoadedDecoder, expected: Expected, sequence: string): Promise<Difference> {
	const wanted = expected.integers(`${sequence}.greedy`);
	const pool = createSessionPool({ loaded, prepack: false, available: Infinity });
	const session = await pool.session('generate', () => stepGraph(loaded.decoder));
	const generator = { session, decoder: loaded.decoder, endTokens: [] };
	const prompt = expected.integers(`${sequence}.input_ids`);
	const [generated] = await generate(generator, [{ prompt, number: 0 }], emptyCache(loaded.decoder.sizes), {
		maxNewTokens: wanted.length,
	});
	await session.release();
	return compare(`${sequence}.greedy`, generated?.ids ?? [], wanted, 0);
}
