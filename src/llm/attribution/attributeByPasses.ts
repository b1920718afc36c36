/** Attribution that takes several passes per prompt. Each prompt is computed by itself, so batches cannot matter. */
import { InternalError } from '../../core/errors.ts';
import type { ExplainedPrompt, MultiPassAttribution, MultiPassRequest } from '../languageModel.ts';
import { altiLogit } from './altiLogit.ts';
import { gradientShap } from './gradientShap.ts';
import { integratedGradients } from './integratedGradients.ts';
import type { EngineContext } from '../sessions/engineContext.ts';
import { smoothGradient } from './smoothGradient.ts';
import { valueZeroing } from './valueZeroing.ts';

/** Returns the scores of one prompt. Throws a UserError where the model's family does not support the request. */
export async function attributeByPasses(
	context: EngineContext,
	prompt: ExplainedPrompt,
	request: MultiPassRequest,
): Promise<MultiPassAttribution> {
	if (prompt.explained.length === 0) throw new InternalError(`${request.kind}: no position to explain`);
	switch (request.kind) {
		case 'integratedGradients':
			return integratedGradients(context, prompt, request);
		case 'smoothGradient':
			return smoothGradient(context, prompt, request);
		case 'gradientShap':
			return gradientShap(context, prompt, request);
		case 'valueZeroing':
			return valueZeroing(context, prompt);
		case 'altiLogit':
			return altiLogit(context, prompt);
	}
}
