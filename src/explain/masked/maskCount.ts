/** How many masked prompts are asked about one text, as far as that is known before the model is asked. */
import type { Method } from '../../rationales/method.ts';
import type { SelectionId } from '../../rationales/selection.ts';
import type { EncodedExample } from '../context.ts';
import type { RationaleSettings } from '../settings.ts';

/**
 * Returns the most masked prompts that flip rates and curves of the methods take for a text. Random words are the same for all
 * methods that choose as many and are counted once; other equal prompts are counted each time. A choice of words that cannot
 * be made takes none.
 */
export function maskCount(
	settings: RationaleSettings,
	methods: readonly Method[],
	{ annotated }: Pick<EncodedExample, 'annotated'>,
): number {
	const { selections, maskings, controlDraws, curve } = settings;
	const isAnnotated = annotated !== null && annotated.length > 0;
	const able = methods.filter(({ declaration }) => declaration.needs !== 'annotations' || isAnnotated);
	const made = able.map((method) => selections.filter((id) => isMade(settings, id, choosesWords(method), isAnnotated)));
	const choices = made.reduce((sum, ids) => sum + ids.length, 0);
	const shared = new Set(made.flat().filter((id) => alike.has(id)));
	const own = made.flat().filter((id) => !alike.has(id)).length;
	const curves = able.filter((method) => !choosesWords(method)).length * curve.length;
	return maskings.length * (choices + controlDraws * (shared.size + own)) + curves;
}

/** By these all methods choose the same number of words of a text. */
const alike: ReadonlySet<SelectionId> = new Set<SelectionId>(['top_var', 'top_ratio', 'top_k', 'top_share']);

function isMade({ guidedBy }: RationaleSettings, id: SelectionId, isOwn: boolean, isAnnotated: boolean): boolean {
	if (id === 'own') return isOwn;
	return (id === 'contiguous' ? guidedBy : id) !== 'top_var' || isAnnotated;
}

/** True for what names words; others score them. */
function choosesWords(method: Method): boolean {
	return method.kind === 'prompt' ? method.reading !== 'scores' : method.declaration.id === 'human';
}
