/** Attribution that takes several passes per prompt. Each prompt is computed by itself, so batches cannot matter. */
import { InternalError } from '../../core/errors.ts';
import type { ExplainedPrompt, MultiPassAttribution, MultiPassRequest } from '../languageModel.ts';
import type { EngineContext } from '../sessions/engineContext.ts';
import { multiPassMethodOf } from './attributionMethods.ts';

/** Returns the scores of one prompt. Throws a UserError where the model's family does not support the request. */
export async function attributeByPasses(
	context: EngineContext,
	prompt: ExplainedPrompt,
	request: MultiPassRequest,
): Promise<MultiPassAttribution> {
	if (prompt.explained.length === 0) throw new InternalError(`${request.kind}: no position to explain`);
	return multiPassMethodOf(request.kind).attribute(context, prompt, request);
}
