/** MLPs that are mixtures of experts, by the names of their weights. */
import { sigmoid, add } from '../../../engine/graph/build.ts';
import { mixture, type Routing, routingWeights, weighted } from '../../../engine/nn/routing.ts';
import type { ParameterSource } from '../decoder.ts';
import { gatedMlp, type GatedMlpOptions, projection, type Transform } from './projections.ts';

export interface MixtureOptions extends Routing {
	readonly experts: number;
	/** What each expert is. */
	readonly expert: GatedMlpOptions;
	/** Width of the inside of an expert that all rows go to, times a gate; none when left out. */
	readonly sharedInner?: number;
}

/**
 * Returns the mixture whose router is `name.gate` and whose experts are `name.experts.E`. Every expert is computed for
 * every row and counts with the weight that the router gives it, so that the work is that of all experts.
 */
export function namedMixture(parameter: ParameterSource, name: string, options: MixtureOptions): Transform {
	const { experts: count, expert, sharedInner } = options;
	const router = projection(parameter, `${name}.gate`, expert.hidden, count, false);
	const experts = Array.from({ length: count }, (_, e) => gatedMlp(parameter, `${name}.experts.${e}`, expert));
	const routed: Transform = (x) => mixture(x, routingWeights(router(x), options), experts);
	if (sharedInner === undefined) return routed;
	const shared = gatedMlp(parameter, `${name}.shared_expert`, { ...expert, inner: sharedInner });
	const gate = projection(parameter, `${name}.shared_expert_gate`, expert.hidden, 1, false);
	return (x) => add(routed(x), weighted(shared(x), sigmoid(gate(x))));
}
