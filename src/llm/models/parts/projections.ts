/** Projections of rows whose weights are found by name. */
import { slice } from '../../../engine/graph/build.ts';
import type { Node } from '../../../engine/graph/node.ts';
import { linear } from '../../../engine/nn/blocks.ts';
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

/** Returns rows [N, sum of widths] cut into [N, width] for each width. */
export function columns(x: Node, widths: readonly number[]): Node[] {
	let end = 0;
	return widths.map((width) => {
		end += width;
		return slice(x, 1, end - width, end);
	});
}
