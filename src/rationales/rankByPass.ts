import type { Aggregation } from '../core/declarations.ts';
import { InternalError } from '../core/errors.ts';
import type { AttributionPass } from '../llm/languageModel.ts';
import { rankTokens, type TokenUnits } from './wordScores.ts';
import type { Missing } from '../core/score.ts';
import type { PassMethod } from '../llm/attribution/method.ts';
import type { Attribution } from './attribution.ts';

/**
 * Returns the attribution a method reads from a pass [T]; missing where a score is not finite. Throws where the pass lacks
 * its output.
 */
export function rankByPass(
	method: PassMethod,
	pass: AttributionPass,
	units: TokenUnits,
	aggregation: Aggregation = method.declaration.aggregation,
): Attribution | Missing {
	const tokenScores = pass[method.output];
	if (tokenScores === undefined)
		throw new InternalError(`${method.declaration.id}: the pass has no output "${method.output}"`);
	return rankTokens(tokenScores, units, aggregation);
}
