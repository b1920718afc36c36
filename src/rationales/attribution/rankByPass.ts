import { InternalError } from '../../core/errors.ts';
import type { AttributionPass } from '../../llm/languageModel.ts';
import type { Missing, PassMethod, Ranking } from '../method.ts';
import { wordScores } from '../wordScores.ts';

/**
 * Returns the ranking a method reads from a pass [T]; missing where a score is not finite. Throws where the pass lacks
 * its output.
 */
export function rankByPass(
	method: PassMethod,
	pass: AttributionPass,
	tokensOfWord: readonly (readonly number[])[],
): Ranking | Missing {
	const { id, aggregation } = method.declaration;
	const tokenScores = pass[method.output];
	if (tokenScores === undefined) throw new InternalError(`${id}: the pass has no output "${method.output}"`);
	const words = wordScores(tokenScores, tokensOfWord, aggregation);
	return 'missing' in words ? words : { scores: words.scores, own: null };
}
