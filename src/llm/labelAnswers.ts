/** What tells the answers for different labels apart. Letters: A answers, each for one of C labels. */
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
