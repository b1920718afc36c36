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
import { compare, type Difference, type Expected, readExpected } from './difference.ts';
import { feedsOf, floats, forward, ids, logitOf, runOnce } from './forward.ts';

/** Rules by the keys of expected_lrp.safetensors; GIM with zero as the neutral embedding. */
const rules: Readonly<Record<string, Edits>> = {
	attnlrp_logit: attnLrpEdits,
	cplrp_logit: cpLrpEdits,
	gim_logit: gimEdits,
};

/** Returns the difference of s_i = sum_k E_ik g_ik for every rule that the file has; nothing where there is no file. */
export async function compareRelevances(
	loaded: LoadedDecoder,
	expected: Expected,
	sequence: string,
): Promise<Difference[]> {
	const file = join(loaded.folder, 'expected_lrp.safetensors');
	if (!existsSync(file)) return [];
	const relevances = readExpected(file);
	const known = Object.entries(rules).filter(([key]) => relevances.has(`${sequence}.${key}`));
	if (known.length === 0) return [];
	const { embeddings, logits } = forward(loaded, loaded.decoder.embed(ids));
	const target = logitOf(logits, expected.integers('target')[0] as number);
	const relevanceBy = (edits: Edits): Node => {
		const [gradient] = gradients(target, [embeddings], edits) as [Node];
		return sum(multiply(gradient, embeddings), [1]);
	};
	const outputs = Object.fromEntries(known.map(([key, edits]) => [key, relevanceBy(edits)]));
	const results = await runOnce(loaded, outputs, feedsOf(expected, sequence));
	return known.map(([key]) =>
		compare(`${sequence}.${key}`, floats(results, key), relevances.floats(`${sequence}.${key}`), 1e-3),
	);
}
