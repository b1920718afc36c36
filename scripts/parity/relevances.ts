/** Relevances by edits of the backward walk, against the folder's expected_lrp.safetensors where there is one. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Edits, gradients } from '../../src/engine/graph/backward.ts';
import { multiply, sum } from '../../src/engine/graph/build.ts';
import type { Node } from '../../src/engine/graph/node.ts';
import { attnLrpEdits } from '../../src/llm/attribution/attnLrp.ts';
import { cpLrpEdits } from '../../src/llm/attribution/cpLrp.ts';
import { gimEdits } from '../../src/llm/attribution/gim.ts';
import type { LoadedDecoder } from '../../src/llm/models/loadDecoder.ts';
import { compare, type Expected, readExpected } from './difference.ts';
import { type Comparison, floats, type Forward, logitOf } from './forward.ts';

/** Rules by the keys of expected_lrp.safetensors; GIM with zero as the neutral embedding. */
const rules: Readonly<Record<string, Edits>> = {
	attnlrp_logit: attnLrpEdits,
	cplrp_logit: cpLrpEdits,
	gim_logit: gimEdits,
};

/** Returns the comparison of s_i = sum_k E_ik g_ik by every rule that the file has; none where there is no file. */
export function relevances(
	{ folder }: LoadedDecoder,
	{ embeddings, logits }: Forward,
	expected: Expected,
): Comparison[] {
	const file = join(folder, 'expected_lrp.safetensors');
	if (!existsSync(file)) return [];
	const published = readExpected(file);
	const known = Object.entries(rules).filter(([rule]) => published.names.some((key) => key.endsWith(`.${rule}`)));
	const target = logitOf(logits, expected.integers('target')[0] as number);
	const relevanceBy = (edits: Edits): Node => {
		const [gradient] = gradients(target, [embeddings], edits) as [Node];
		return sum(multiply(gradient, embeddings), [1]);
	};
	return [
		{
			outputs: Object.fromEntries(known.map(([rule, edits]) => [rule, relevanceBy(edits)])),
			differences: (results, sequence) =>
				known
					.map(([rule]) => ({ rule, key: `${sequence}.${rule}` }))
					.filter(({ key }) => published.has(key))
					.map(({ rule, key }) => compare(key, floats(results, rule), published.floats(key), 1e-3)),
		},
	];
}
