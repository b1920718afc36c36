/** How many masked prompts are asked about one text, as far as that is known before the model is asked. */
import type { Method } from '../../rationales/method.ts';
import type { SelectionId } from '../../rationales/selection.ts';
import type { EncodedExample } from '../context.ts';
import type { RationaleSettings } from '../settings.ts';

/**
 * Returns the most masked prompts that flip rates and curves take for what a method says of a text, equal ones counted
 * each time. A choice of words that cannot be made takes none.
 */
export function maskCount(
	{ selections, maskings, controlDraws, curve, guidedBy }: RationaleSettings,
	method: Method,
	{ annotated }: Pick<EncodedExample, 'annotated'>,
): number {
	const isAnnotated = annotated !== null && annotated.length > 0;
	if (method.declaration.needs === 'annotations' && !isAnnotated) return 0;
	const isOwn = choosesWords(method);
	const isMade = (id: SelectionId): boolean => {
		if (id === 'own') return isOwn;
		return (id === 'contiguous' ? guidedBy : id) !== 'top_var' || isAnnotated;
	};
	const choices = selections.filter(isMade).length * maskings.length * (1 + controlDraws);
	return choices + (isOwn ? 0 : curve.length);
}

/** True for what names words; others score them. */
function choosesWords(method: Method): boolean {
	return method.kind === 'prompt' ? method.reading !== 'scores' : method.declaration.id === 'human';
}
