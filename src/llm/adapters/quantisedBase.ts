/** Whether an adapter meets the weights it learnt on: those of a quantised model are not those of its original. */
import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Checkpoint } from '../weights/checkpoint.ts';
import { isBlockType } from '../weights/gguf/blockTypes.ts';
import { isGgufPath, openGguf } from '../weights/gguf/openGguf.ts';
import type { Adapter } from './adapter.ts';

/** How names of quantised models end or are joined: bnb-4bit, GPTQ, AWQ, Q4_K_M, fp8. */
const quantisedName =
	/(?:^|[-_./])(?:bnb|gptq|awq|exl2|hqq|aqlm|nf4|fp[48]|int[48]|[48][-_]?bits?|w[48]a\d+|i?q[2-8](?:_\w+)?)(?:$|[-_.])/iu;

/**
 * Returns in words what does not fit where an adapter learnt on quantised weights and changes others, or learnt on others and
 * changes quantised ones; null where both are alike or the adapter does not name its base. It still is computed: such a
 * pair is in use, and its results are its own.
 */
export function quantisedBaseNote(
	{ folder, config }: Adapter,
	model: string,
	{ tensors }: Pick<Checkpoint, 'tensors'>,
): string | null {
	const base = config.base_model_name_or_path ?? '';
	if (base === '' || placesOf(folder, base).includes(resolve(model))) return null;
	const [learntOn, changed] = [kindNamed(folder, base), kindOf([...tensors.values()].map(({ dtype }) => dtype))];
	if (learntOn === changed) return null;
	const said = (kind: string): string => (kind === '' ? 'not quantised' : `quantised (${kind})`);
	return (
		`The adapter ${folder} learnt on "${base}", which is ${said(learntOn)}; ${basename(model)} is ${said(changed)}. What it adds was ` +
		'fitted to other weights: give the model it learnt on for the results of its training.'
	);
}

function placesOf(folder: string, base: string): string[] {
	return [resolve(folder, base), resolve(dirname(resolve(folder)), base)];
}

/** Returns the kinds of blocks of a model on this machine, or what its name says; the empty text for one that is not quantised. */
function kindNamed(folder: string, base: string): string {
	const file = placesOf(folder, base).find((place) => isGgufPath(place) && existsSync(place));
	if (file !== undefined) return kindOf([...openGguf(file).tensors.values()].map(({ type }) => type));
	return quantisedName.exec(basename(base))?.[0].replaceAll(/^[-_./]|[-_.]$/gu, '') ?? '';
}

function kindOf(types: readonly string[]): string {
	return [...new Set(types.filter(isBlockType))].toSorted().join(', ');
}
