/**
 * Log-probabilities of labels from the most probable tokens of an answer. A label's is the sum over the shortest prefixes that
 * tell it from all others, spelled by the most probable tokens; what is not listed is at most as probable as the rest.
 * Letter: C labels.
 */
import { logSumExp } from '../../core/logSumExp.ts';
import { itemAt, zip } from '../../core/present.ts';
import type { AnsweredToken } from './protocol.ts';

export interface PrefixScores {
	/** [C]; an upper bound for labels that are not `found`. */
	readonly logProbabilities: readonly number[];
	/** Whether a label's prefix was among the tokens [C]. */
	readonly found: readonly boolean[];
}

/** Returns the number of tokens of an answer that may be needed to tell the labels apart. */
export function tokensToTellApart(labels: readonly string[]): number {
	const common = labels.flatMap((a, i) => labels.slice(0, i).map((b) => commonLength(plain(a), plain(b))));
	const longest = Math.max(0, ...common);
	return longest === 0 ? 1 : Math.min(16, longest + 2);
}

/** Returns a label that is a prefix of another one, undefined where there is none: these cannot be told apart by prefixes. */
export function labelThatIsAPrefix(labels: readonly string[]): string | undefined {
	return labels.find((a) => labels.some((b) => b !== a && plain(b).startsWith(plain(a))));
}

/**
 * Returns the scores from the tokens that were generated, of labels as they are spelled: each label's list, in any of which its
 * answer may begin. Space before the answer does not count.
 */
export function prefixScores(tokens: readonly AnsweredToken[], labels: readonly (readonly string[])[]): PrefixScores {
	const wanted = labels.map((spellings) => spellings.map((text) => text.trimStart()));
	const values = wanted.map(() => Number.NEGATIVE_INFINITY);
	const bounds = wanted.map(() => 0);
	let path = { text: '', logProbability: 0 };
	for (const token of tokens) {
		const listed = [...new Map([token, ...token.top_logprobs].map((one) => [one.token, one.logprob]))];
		const rest = Math.min(0, path.logProbability + restOf(token));
		for (const [c, spellings] of wanted.entries()) {
			if (!begins(path.text, spellings)) continue;
			const own = listed.filter(([text]) => tells(path.text + text, c, wanted)).map(([, logprob]) => logprob);
			values[c] = logSumExp([itemAt(values, c), path.logProbability + logSumExp(own)]);
			bounds[c] = rest;
		}
		path = { text: (path.text + token.token).trimStart(), logProbability: path.logProbability + token.logprob };
		if (wanted.filter((spellings) => begins(path.text, spellings)).length < 2) break;
	}
	const found = values.map(Number.isFinite);
	const logProbabilities = zip(values, bounds).map(([value, bound]) =>
		Math.max(smallest, Number.isFinite(value) ? value : bound),
	);
	return { logProbabilities, found };
}

/** Of the smallest number above 0: a label without any probability has a score that can be computed with all the same. */
const smallest = Math.log(Number.MIN_VALUE);

/** Whether a text begins label `c` and no other. */
function tells(text: string, c: number, labels: readonly (readonly string[])[]): boolean {
	const prefix = text.trimStart();
	return prefix !== '' && labels.every((spellings, other) => begins(prefix, spellings) === (other === c));
}

function begins(prefix: string, spellings: readonly string[]): boolean {
	return spellings.some((text) => text.startsWith(prefix));
}

/** Returns the most that a token which is not listed can have: the least of the listed, and what they leave over. */
function restOf({ top_logprobs: top }: AnsweredToken): number {
	const left = 1 - top.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0);
	return Math.min(Math.log(Math.max(left, 1e-9)), ...top.map(({ logprob }) => logprob));
}

function plain(text: string): string {
	return text.trimStart().toLowerCase();
}

function commonLength(a: string, b: string): number {
	let length = 0;
	while (length < a.length && a[length] === b[length]) length++;
	return length;
}
