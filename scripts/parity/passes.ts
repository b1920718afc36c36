/** Forward passes, gradients, Integrated Gradients and greedy generation against transformers. */
import { join } from 'node:path';
import { gradients } from '../../src/engine/graph/backward.ts';
import { add, gatherRows, input, logSoftmax, multiply, slice, subtract, sum } from '../../src/engine/graph/build.ts';
import type { Node } from '../../src/engine/graph/node.ts';
import { createSession, type Session, type Value } from '../../src/engine/onnx/session.ts';
import { createGenerator } from '../../src/llm/generation/generator.ts';
import { type LoadedDecoder, loadDecoder } from '../../src/llm/models/loadDecoder.ts';
import { compare, type Difference, type Expected, readExpected } from './difference.ts';

const integrationNodes = 64;

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
		if (expected.has(`${sequence}.ig_diff`))
			differences.push(await compareIntegratedGradients(loaded, expected, sequence));
		if (expected.has(`${sequence}.greedy`)) differences.push(await compareGreedy(loaded, expected, sequence));
	}
	return differences;
}

const positions = input('positions', ['B', 'T'], 'int64');
const ids = input('ids', ['B', 'T'], 'int64');

interface Forward {
	readonly embeddings: Node;
	readonly trace: ReturnType<LoadedDecoder['decoder']['run']>;
	readonly logits: Node;
}

function forward({ decoder }: LoadedDecoder, embeddings: Node): Forward {
	const trace = decoder.run({ embeddings, positions, keyPositions: positions, past: null });
	return { embeddings, trace, logits: decoder.logits(trace.hiddenStates.at(-1) as Node) };
}

/** Returns row T-1 of column `token` as a scalar node [1, 1]; `last` is fed. */
function logitOf(rows: Node, token: number): Node {
	return slice(gatherRows(rows, input('last', [1], 'int64')), 1, token, token + 1);
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

/** Path from the embedding of token 2 on positions 2..T-3 (methods.md A.6), one batch row per quadrature node. */
async function compareIntegratedGradients(
	loaded: LoadedDecoder,
	expected: Expected,
	sequence: string,
): Promise<Difference> {
	const { decoder } = loaded;
	const tokens = expected.integers(`${sequence}.input_ids`);
	const baseline = tokens.map((id, i) => (i >= 2 && i <= tokens.length - 3 ? 2 : id));
	const from = decoder.embed(input('baseline', ['B', 'T'], 'int64'));
	const step = subtract(decoder.embed(ids), from);
	const path = add(from, multiply(step, input('alpha', [1, 1])));
	const { logits } = forward(loaded, path);
	const difference = subtract(
		logitOf(logits, expected.integers('target')[0] as number),
		logitOf(logits, expected.integers('foil')[0] as number),
	);
	const attribution = sum(multiply(gradients(difference, [path])[0] as Node, step), [1]);
	const session = await open(loaded, { attribution });
	const total = new Float64Array(tokens.length);
	for (const { node, weight } of gaussLegendre(integrationNodes)) {
		const alpha = { data: Float32Array.of(node), sizes: [1, 1] };
		const results = await session.run({ ...feedsOf(expected, sequence), baseline: integers(baseline), alpha });
		for (const [i, value] of floats(results, 'attribution').entries()) total[i] = (total[i] as number) + weight * value;
	}
	await session.release();
	return compare(`${sequence}.ig_diff`, total, expected.floats(`${sequence}.ig_diff`), 1e-3);
}

async function compareGreedy(loaded: LoadedDecoder, expected: Expected, sequence: string): Promise<Difference> {
	const wanted = expected.integers(`${sequence}.greedy`);
	const generator = await createGenerator(loaded, { endTokens: [], prepack: false });
	const [generated] = await generator.generate([expected.integers(`${sequence}.input_ids`)], wanted.length);
	await generator.release();
	return compare(`${sequence}.greedy`, generated?.ids ?? [], wanted, 0);
}

/** Nodes and weights on [0, 1], by Newton's method on the Legendre polynomial. */
function gaussLegendre(count: number): { node: number; weight: number }[] {
	return Array.from({ length: count }, (_, i) => {
		let x = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
		let slope = 0;
		for (let iteration = 0; iteration < 100; iteration++) {
			let [p0, p1] = [1, x];
			for (let k = 2; k <= count; k++) [p0, p1] = [p1, ((2 * k - 1) * x * p1 - (k - 1) * p0) / k];
			slope = (count * (x * p1 - p0)) / (x * x - 1);
			x -= p1 / slope;
		}
		return { node: (1 + x) / 2, weight: 1 / ((1 - x * x) * slope * slope) };
	});
}

function feedsOf(expected: Expected, sequence: string): Record<string, Value> {
	const tokens = expected.integers(`${sequence}.input_ids`);
	return {
		ids: integers(tokens),
		positions: integers(tokens.map((_, i) => i)),
		last: { data: BigInt64Array.of(BigInt(tokens.length - 1)), sizes: [1] },
	};
}

function integers(values: readonly number[]): Value {
	return { data: BigInt64Array.from(values, BigInt), sizes: [1, values.length] };
}

function floats(results: Readonly<Record<string, Value>>, name: string): Float32Array {
	return (results[name] as Value).data as Float32Array;
}

function numbered(letter: string, nodes: readonly Node[]): Record<string, Node> {
	return Object.fromEntries(nodes.map((node, i) => [`${letter}${i}`, node]));
}

function open(loaded: LoadedDecoder, outputs: Readonly<Record<string, Node>>): Promise<Session<string>> {
	return createSession(outputs, { weightsFolder: loaded.checkpoint.rootFolder, place: loaded.place, prepack: false });
}

async function runOnce(
	loaded: LoadedDecoder,
	outputs: Readonly<Record<string, Node>>,
	feeds: Readonly<Record<string, Value>>,
): Promise<Record<string, Value>> {
	const session = await open(loaded, outputs);
	const results = await session.run(feeds);
	await session.release();
	return results;
}
