/** Names under which files hold a network, where they differ from those that its family asks for. */
import type { Checkpoint } from '../weights/checkpoint.ts';
import type { TensorEntry } from '../weights/safetensors.ts';

export interface StoredNames {
	/** What each part of a stored name becomes; the first pattern that matches counts. */
	readonly renamed: readonly (readonly [RegExp, string])[];
	/** Tensors that the network of a text does not use, such as those that read images. */
	readonly unused: RegExp;
}

/** Returns the checkpoint with the names that the family asks for, without what texts do not use. */
export function underOwnNames(checkpoint: Checkpoint, names: StoredNames | undefined): Checkpoint {
	if (names === undefined) return checkpoint;
	const tensors = new Map<string, TensorEntry>();
	for (const [name, entry] of checkpoint.tensors) {
		if (names.unused.test(name)) continue;
		const own = ownName(name, names);
		tensors.set(own, { ...entry, name: own });
	}
	return { ...checkpoint, tensors };
}

function ownName(name: string, { renamed }: StoredNames): string {
	const rule = renamed.find(([pattern]) => pattern.test(name));
	return rule === undefined ? name : name.replace(rule[0], rule[1]);
}
