/**
 * Graphs as text, one file each: what a change of a block, of a gradient rule or of a rewrite does to them is seen in its
 * diff. `npx vitest run src/llm/attribution/printedGraphs.test.ts -u` writes them anew.
 */
import { expect, it } from 'vitest';
import { weight } from '../../engine/graph/build.ts';
import { fused } from '../../engine/graph/fuse.ts';
import { int8Products } from '../../engine/graph/int8Products.ts';
import { type Node, topologicalOrder } from '../../engine/graph/node.ts';
import { printGraph } from '../../engine/graph/print.ts';
import { forwardPass, lastRows, targetTerms } from '../graphs/forwardGraphs.ts';
import type { ModelConfig } from '../models/decoder.ts';
import { llama } from '../models/llama/llama.ts';
import { shared } from '../models/loadDecoder.ts';
import { attributionGraph } from './attributionGraph.ts';

const config: ModelConfig = {
	file: 'config.json',
	values: {
		model_type: 'llama',
		num_hidden_layers: 1,
		hidden_size: 4,
		intermediate_size: 6,
		num_attention_heads: 2,
		num_key_value_heads: 1,
		vocab_size: 7,
		tie_word_embeddings: true,
		hidden_act: 'silu',
		max_position_embeddings: 16,
		rms_norm_eps: 1e-5,
		rope_theta: 10000,
	},
};
const decoder = llama.createDecoder(
	config,
	shared((name, shape) => weight(name, shape)),
);

const forward = { terms: targetTerms(decoder, lastRows(forwardPass(decoder).trace)) };
const matrices = new Set(
	topologicalOrder([forward.terms]).flatMap((node) => (isMatrix(node) ? [node.parameters.name] : [])),
);

function isMatrix(node: Node): node is Node<'weight'> {
	return node.operation === 'weight' && node.shape.length === 2;
}

const graphs: Readonly<Record<string, Readonly<Record<string, Node>>>> = {
	forward,
	fused: fused(forward),
	int8: int8Products(fused(forward), matrices),
	gradient: attributionGraph(decoder, ['gradientXInput.dot']),
	checkpointed: attributionGraph(decoder, ['gradientXInput.dot'], undefined, 'checkpointed'),
	attnLrp: attributionGraph(decoder, ['attnLrp']),
	cpLrp: attributionGraph(decoder, ['cpLrp']),
	gim: attributionGraph(decoder, ['gim']),
};

it.each(Object.entries(graphs))('%s is the graph that is written down', async (name, outputs) => {
	await expect(`${printGraph(Object.values(outputs))}\n`).toMatchFileSnapshot(`printedGraphs/${name}.txt`);
});

it('no two of them are the same', () => {
	const printed = Object.values(graphs).map((outputs) => printGraph(Object.values(outputs)));
	expect(new Set(printed).size).toBe(printed.length);
});
