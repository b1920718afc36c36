/** Methods that compute inside the model, by id: what the engine can do follows from this table. */
import { InternalError } from '../../core/errors.ts';
import type { PassOutput } from '../languageModel.ts';
import { altiLogit } from './altiLogit.ts';
import { attention } from './attention.ts';
import { attentionRollout } from './attentionRollout.ts';
import { attnLrp } from './attnLrp.ts';
import { cpLrp } from './cpLrp.ts';
import { gim } from './gim.ts';
import { gradientAttention } from './gradientAttention.ts';
import { gradientShap } from './gradientShap.ts';
import { inputXGradientDot } from './inputXGradientDot.ts';
import { inputXGradientL2 } from './inputXGradientL2.ts';
import { integratedGradients } from './integratedGradients.ts';
import type { MultiPassMethod, PassMethod, RequestKind } from './method.ts';
import { saliencyL1 } from './saliencyL1.ts';
import { saliencyL2 } from './saliencyL2.ts';
import { smoothGrad } from './smoothGradient.ts';
import { valueZeroing } from './valueZeroing.ts';

export const attributionMethods = {
	attention,
	attention_rollout: attentionRollout,
	grad_attention: gradientAttention,
	'saliency.l1': saliencyL1,
	'saliency.l2': saliencyL2,
	'input_x_gradient.dot': inputXGradientDot,
	'input_x_gradient.l2': inputXGradientL2,
	integrated_gradients: integratedGradients,
	smooth_grad: smoothGrad,
	gradient_shap: gradientShap,
	cp_lrp: cpLrp,
	attn_lrp: attnLrp,
	gim,
	alti_logit: altiLogit,
	value_zeroing: valueZeroing,
} as const satisfies Readonly<Record<string, PassMethod | MultiPassMethod>>;

const all: readonly (PassMethod | MultiPassMethod)[] = Object.values(attributionMethods);

/** What a shared pass can hand back. */
export const passOutputs: readonly PassOutput[] = all.flatMap((method) =>
	method.kind === 'pass' ? [method.output] : [],
);

/** Returns the method that reads an output of the shared pass. */
export function passMethodOf(output: PassOutput): PassMethod {
	const found = all.find((method) => method.kind === 'pass' && method.output === output);
	if (found?.kind === 'pass') return found;
	throw new InternalError(`a pass has no output "${output}"; it has ${passOutputs.join(', ')}`);
}

/** Returns the method that answers a request. */
export function multiPassMethodOf(kind: RequestKind): MultiPassMethod {
	const found = all.find((method) => method.kind === 'multiPass' && method.requestKind === kind);
	if (found?.kind === 'multiPass') return found;
	throw new InternalError(`no method takes several passes as "${kind}"`);
}
