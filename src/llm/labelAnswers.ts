/** What tells the answers for different labels apart. Letters: A answers, each for one of C labels. */
import { UserError } from '../core/errors.ts';
import type { TokenIds } from './languageModel.ts';

/** Returns whether no two answers [A] for different labels, `labelOf` [A], begin with the same token. */
export function firstTokensTellApart(answers: readonly TokenIds[], labelOf: readonly number[]): boolean {
	const owner = new Map<number | undefined, number | undefined>();
	return answers.every(([first], a) => {
		const own = owner.get(first) ?? labelOf[a];
		owner.set(first, own);
		return own === labelOf[a];
	});
}

/** Returns the error of a label that cannot be told from one that goes on after it. */
export function labelThatBegins(label: string): UserError {
	return new UserError(
		`The label "${label}" begins another one, so their first tokens do not tell them apart. Choose other verbalizers, or, for a ` +
			'model behind an API, set "classify: constrained".',
	);
}
