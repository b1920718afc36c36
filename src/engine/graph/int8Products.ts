/**
 * Products with weights and rows of 8 bits, for forward passes that may be a little off: sums of whole numbers take a
 * fraction of the time of float32. Each column of a matrix and each row of what it multiplies has a step of its own, so
 * that the result for one row does not depend on what else is computed with it (Dettmers et al. 2022, "LLM.int8()",
 * section 3.1, without its decomposition of outliers). Numbers are unsigned, around 128: sums of signed ones overflow on
 * processors that have AVX2 but no instructions for products of 8 bits (VNNI).
 */
import { int8Matmul, weight } from './build.ts';
import type { Node } from './node.ts';
import { rewrite } from './rewrite.ts';
import { storedMatrix } from './weightUse.ts';

/** Names of the parts of a matrix of 8 bits: numbers [in, out] around 128 and scales [out]. */
export const int8Parts = (name: string) => ({ numbers: `${name}.rounded`, scales: `${name}.roundedScales` });

/** Returns outputs in which products with the named matrices of the checkpoint are done with 8 bits. */
export function int8Products<Name extends string>(
	outputs: Readonly<Record<Name, Node>>,
	matrices: ReadonlySet<string>,
): Record<Name, Node> {
	return rewrite(outputs, (node, again) => {
		const [x, second] = node.inputs;
		const matrix = node.operation === 'matmul' && second ? storedMatrix(second) : undefined;
		if (x === undefined || matrix === undefined || !matrices.has(matrix.parameters.name)) return undefined;
		const { numbers, scales } = int8Parts(matrix.parameters.name);
		const [inner, outer] = [Number(x.shape[1]), Number(node.shape[1])];
		return int8Matmul(again(x), weight(numbers, [inner, outer], 'uint8'), weight(scales, [outer]));
	});
}
