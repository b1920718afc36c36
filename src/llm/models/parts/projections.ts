/** Projections of rows whose weights are found by name. */
import { slice } from '../../../engine/graph/build.ts';
import type { Node } from '../../../engine/graph/node.ts';
import { gatedProduct, linear } from '../../../engine/nn/blocks.ts';
import { layerNorm } from '../../../engine/nn/normalisation.ts';
import type { ParameterSource } from '../decoder.ts';

/** A function of rows or heads that keeps their places: a projection, norm or MLP. */
export type Transform = (x: Node) => Node;

/** Several projections of the same rows: [N, from] to [N, width] for each width. */
export type Projections = (x: Node) => Node[];

/** Returns x W^T + b for rows [N, from], W [to, from] and, where there is one, b [to]. */
export function projection(
	parameter: ParameterSource,
	name: string,
	from: number,
	to: number,
	biased: boolean,
): Transform {
	const weight = parameter(`${name}.weight`, [to, from]);
	const bias = biased ? parameter(`${name}.bias`, [to]) : null;
	return adapted(parameter, name, (x) => linear(x, weight, bias));
}

/** Returns the projection with what an adapter adds to it. */
export function adapted({ adapt }: ParameterSource, name: string, project: Transform): Transform {
	return adapt === undefined ? project : (x) => adapt(name, x, project(x));
}

/** Returns a projection to each width, by a weight [width, from] each. */
export function separateProjections(
	parameter: ParameterSource,
	names: readonly string[],
	from: number,
	widths: readonly number[],
	biased: boolean,
): Projections {
	const all = names.map((name, i) => projection(parameter, name, from, widths[i] as number, biased));
	return (x) => all.map((project) => project(x));
}

/** Returns a projection to each width, by one weight [sum of widths, from]. */
export function joinedProjections(
	parameter: ParameterSource,
	name: string,
	from: number,
	widths: readonly number[],
	biased: boolean,
): Projections {
	const total = widths.reduce((sum, width) => sum + width, 0);
	const joined = projection(parameter, name, from, total, biased);
	return (x) => columns(joined(x), widths);
}

export interface GatedMlpOptions {
	/** Widths of what it reads and gives, and of its inside. */
	readonly hidden: number;
	readonly inner: number;
	readonly activation: Transform;
	/** Name of the weight that gate and up share, or null where each has its own. */
	readonly joined: string | null;
	/** Names of gate and up where each has a weight, and of the projection back, where they are not Llama's. */
	readonly apart?: readonly [string, string];
	readonly down?: string;
	readonly biased: boolean;
}

/** Returns activation(x W_gate^T) * (x W_up^T), projected down (Shazeer 2020). */
export function gatedMlp(parameter: ParameterSource, name: string, options: GatedMlpOptions): Transform {
	const { hidden, inner, activation, joined, biased } = options;
	const names = (options.apart ?? ['gate_proj', 'up_proj']).map((part) => `${name}.${part}`);
	const project =
		joined === null
			? separateProjections(parameter, names, hidden, [inner, inner], biased)
			: joinedProjections(parameter, `${name}.${joined}`, hidden, [inner, inner], biased);
	const down = projection(parameter, `${name}.${options.down ?? 'down_proj'}`, inner, hidden, biased);
	return (x) => {
		const [gate, up] = project(x) as [Node, Node];
		return down(gatedProduct(gate, up, activation));
	};
}

/** Returns activation(x W + b) V + c by the two projections. */
export function plainMlp(widen: Transform, activation: Transform, narrow: Transform): Transform {
	return (x) => narrow(activation(widen(x)));
}

/** Returns a LayerNorm with the weight and bias of this name. */
export function namedLayerNorm(parameter: ParameterSource, name: string, width: number, epsilon: number): Transform {
	const [weight, bias] = [parameter(`${name}.weight`, [width]), parameter(`${name}.bias`, [width])];
	return (x) => layerNorm(x, weight, bias, epsilon);
}

/** Returns rows [N, sum of widths] cut into [N, width] for each width. */
export function columns(x: Node, widths: readonly number[]): Node[] {
	let end = 0;
	return widths.map((width) => {
		end += width;
		return slice(x, 1, end - width, end);
	});
}
