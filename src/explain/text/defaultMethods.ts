import type { MethodId } from '../../rationales/methods.ts';

/** What one text is explained by where no method is named: one that is cheap, one that holds, one that asks the model. */
export const defaultMethods: readonly MethodId[] = ['attention', 'saliency.l2', 'prompt.unbound'];
