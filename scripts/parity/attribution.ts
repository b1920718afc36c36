/**
 * Attribution as the engine hands it out: Integrated Gradients against PyTorch, methods that read attention
 * against float64 arithmetic on PyTorch's tensors, the others against expected_attribution.safetensors.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { itemAt, present } from '../../src/core/present.ts';
import { createEngine, type Engine } from '../../src/llm/process/engine.ts';
import type { AttributionPass, MultiPassRequest, PassOutput, Target } from '../../src/llm/languageModel.ts';
import { loadDecoder } from '../../src/llm/models/loadDecoder.ts';
import { compare, type Difference, type Expected, readExpected } from './difference.ts';

const tolerance = 1e-3;

/** Token that the fixtures use for "no word". */
const neutralToken = 2;

/** One sequence of a folder. */
interface Sequence {
	readonly name: string;
	readonly engine: Engine;
	readonly expected: Expected;
	readonly ids: readonly number[];
	readonly logit: Target;
	readonly difference: Target;
}

/** Returns the difference of every attribution that the folder has numbers for. */
export async function compareAttribution(folder: string): Promise<Difference[]> {
	const expected = readExpected(join(folder, 'expected.safetensors'));
	if (!expected.has('target')) return [];
	const engine = createEngine({ folder, endTokens: [], maxTokens: 256, prepack: false });
	const [target, foil] = [expected.integers('target')[0] as number, expected.integers('foil')[0] as number];
	const targets = {
		logit: { tokens: [target], weights: [1] },
		difference: { tokens: [target, foil], weights: [1, -1] },
	};
	const differences: Difference[] = [];
	for (const name of ['a', 'b']) {
		if (!expected.has(`${name}.ig_diff`)) continue;
		const sequence = { name, engine, expected, ids: expected.integers(`${name}.input_ids`), ...targets };
		if (sequence.ids.length > 4) differences.push(await compareIntegratedGradients(sequence));
		differences.push(...(await compareAttention(folder, sequence)));
		differences.push(...(await compareOwn(folder, sequence)));
	}
	return differences;
}

/** 64 nodes, baseline on positions 2..T-3; shorter texts have none. */
async function compareIntegratedGradients(sequence: Sequence): Promise<Difference> {
	const request = { kind: 'integratedGradients', neutralToken, nodes: 64, nodeLimit: 64, tolerance: 0 } as const;
	return severalPasses(sequence, 'ig_diff', request, sequence.expected, sequence.ids.slice(2, -2).length);
}

async function severalPasses(
	{ name, engine, ids, difference }: Sequence,
	key: string,
	request: MultiPassRequest,
	expected: Expected,
	count: number,
): Promise<Difference> {
	const explained = Array.from({ length: count }, (_, i) => i + 2);
	const found = await engine.attributeByPasses([{ ids, target: difference, explained, seed: 1 }], request);
	return compare(`${name}.${key}`, itemAt(found, 0).scores, expected.floats(`${name}.${key}`), tolerance);
}

async function onePass(
	{ engine, ids }: Sequence,
	target: Target,
	outputs: readonly PassOutput[],
): Promise<AttributionPass> {
	return (await engine.attribute([ids], [target], outputs, { neutralToken }))[0] ?? {};
}

/** Rollout and Chefer's rollout from PyTorch's attention [L, H, T, T] and its gradient. */
async function compareAttention(folder: string, sequence: Sequence): Promise<Difference[]> {
	const { name, expected, ids } = sequence;
	const { layers, heads } = loadDecoder(folder).decoder.sizes;
	const [weights, gradients] = [expected.floats(`${name}.attentions`), expected.floats(`${name}.grad_attn`)];
	const length = ids.length;
	const last = Float64Array.from(ids, (_, i) => Number(i === length - 1));
	/** Returns r M_l, M_l[i, j] = mean over heads of `value` of the element. */
	const through = (row: Float64Array, layer: number, value: (element: number) => number): Float64Array =>
		row.map((_, j) => {
			let total = 0;
			for (let head = 0; head < heads; head++) {
				for (let i = 0; i < length; i++) {
					total += (row[i] as number) * value(((layer * heads + head) * length + i) * length + j);
				}
			}
			return total / heads;
		});
	let [rollout, chefer] = [last, last];
	for (let layer = layers - 1; layer >= 0; layer--) {
		const attended = through(rollout, layer, (element) => weights[element] as number);
		rollout = rollout.map((share, j) => (share + (attended[j] as number)) / 2);
		const relevant = (element: number): number =>
			Math.max(0, (weights[element] as number) * (gradients[element] as number));
		const gained = through(chefer, layer, relevant);
		chefer = chefer.map((share, j) => share + (gained[j] as number));
	}
	const wanted = [
		['attentionRollout', rollout],
		['gradientAttention', chefer.map((share, j) => share - (last[j] as number))],
	] as const;
	const pass = await onePass(sequence, sequence.logit, ['attentionRollout', 'gradientAttention']);
	return wanted.map(([output, values]) =>
		compare(`${name}.${output}`, present(pass[output], output), values, tolerance),
	);
}

async function compareOwn(folder: string, sequence: Sequence): Promise<Difference[]> {
	const expected = optional(join(folder, 'expected_attribution.safetensors'));
	if (expected === null) return [];
	const { name, ids, difference } = sequence;
	const pass = await onePass(sequence, difference, ['cpLrp', 'gim']);
	return [
		await severalPasses(sequence, 'value_zeroing', { kind: 'valueZeroing' }, expected, ids.length - 2),
		await severalPasses(sequence, 'alti_logit', { kind: 'altiLogit' }, expected, ids.length - 2),
		compare(`${name}.cp_lrp`, present(pass.cpLrp, 'cpLrp'), expected.floats(`${name}.cp_lrp`), tolerance),
		compare(`${name}.gim`, present(pass.gim, 'gim'), expected.floats(`${name}.gim`), tolerance),
	];
}

function optional(file: string): Expected | null {
	return existsSync(file) ? readExpected(file) : null;
}
