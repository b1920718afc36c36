/** Which words of a text a rewriting of it changed, by longest common subsequence (docs/methods.md C.2, 5). */
import type { Example } from '../../core/example.ts';
import { itemAt } from '../../core/present.ts';
import type { Task } from '../../core/task.ts';
import type { AnswerMatch } from './matching.ts';
import { chunkUnits, type Unit, unitsOfText, wordUnits } from './normalise.ts';

/** `redaction`: words that a marker took the place of; `counterfactual`: words that others, or nothing, took the place of. */
export type RewritingKind = 'redaction' | 'counterfactual';

export interface Rewriting {
	/** Word numbers, in reading order. */
	readonly changed: readonly number[];
	readonly match: Pick<AnswerMatch, 'status' | 'unmatched'>;
}

/** A run of the text and the run of the rewriting that stands in its place; one of them may be empty. */
interface Gap {
	readonly source: readonly Unit[];
	readonly written: readonly Unit[];
}

/** Least share of the text's words that a counterfactual keeps: with fewer it is another text. */
const KEPT_SHARE = 0.5;

/**
 * Returns the changed words. Words that are only missing at the end, or in a redaction anywhere without a marker, are not
 * changed words: the answer was cut off. `no_rationale`: no marker, or another text; `empty_match`: nothing is changed;
 * `partial`: a redaction also has words of its own.
 */
export function readRewriting(kind: RewritingKind, answer: string, task: Task, example: Example): Rewriting {
	const isCut = example.segments.some(({ cut }) => cut !== undefined);
	const source = isCut ? wordUnits(example) : chunkUnits(example);
	const titles = Object.values(task.segmentTitles).flatMap((title) => unitsOfText(title).map(({ key }) => key));
	const written = unitsOfText(answer, isCut ? 'segmenter' : 'spaces').filter(
		({ key }) => !titles.includes(key) || source.some((unit) => unit.key === key),
	);
	const { gaps, kept } = alignment(source, written);
	const replaced = gaps.filter((gap) =>
		kind === 'redaction' ? gap.written.some(isMarker) : gap.written.length > 0 || gap !== gaps.at(-1),
	);
	const changed = replaced.flatMap((gap) => gap.source.flatMap(({ words }) => words));
	const own = kind === 'redaction' ? gaps.flatMap((gap) => gap.written.filter((unit) => !isMarker(unit))) : [];
	const isRewriting = kind === 'redaction' ? written.some(isMarker) : kept >= KEPT_SHARE * source.length;
	if (!isRewriting) return { changed: [], match: { status: 'no_rationale', unmatched: [] } };
	const unmatched = own.map(({ key }) => ({ text: key, kind: 'not_in_text' as const }));
	const status = unmatched.length > 0 ? 'partial' : 'ok';
	return { changed, match: { status: changed.length === 0 ? 'empty_match' : status, unmatched } };
}

function isMarker({ key }: Unit): boolean {
	return key === 'redacted' || key === 'removed';
}

/** Returns what stands between the words of a longest common subsequence, in order, and its length. */
function alignment(source: readonly Unit[], written: readonly Unit[]): { gaps: Gap[]; kept: number } {
	const rest = commonLengths(source, written);
	const gaps: { source: Unit[]; written: Unit[] }[] = [{ source: [], written: [] }];
	let [i, j] = [0, 0];
	while (i < source.length || j < written.length) {
		const [a, b] = [source[i], written[j]];
		if (a !== undefined && b !== undefined && a.key === b.key) {
			gaps.push({ source: [], written: [] });
			i++;
			j++;
		} else if (a !== undefined && (b === undefined || lengthAt(rest, i + 1, j) >= lengthAt(rest, i, j + 1))) {
			gaps.at(-1)?.source.push(a);
			i++;
		} else if (b !== undefined) {
			gaps.at(-1)?.written.push(b);
			j++;
		}
	}
	return { gaps, kept: gaps.length - 1 };
}

/** Returns [i][j]: the length of the longest common subsequence of the units from i and from j on. */
function commonLengths(source: readonly Unit[], written: readonly Unit[]): number[][] {
	const lengths = Array.from({ length: source.length + 1 }, () => new Array<number>(written.length + 1).fill(0));
	for (let i = source.length - 1; i >= 0; i--) {
		const row = itemAt(lengths, i);
		for (let j = written.length - 1; j >= 0; j--) {
			const isSame = source[i]?.key === written[j]?.key;
			row[j] = isSame ? lengthAt(lengths, i + 1, j + 1) + 1 : Math.max(lengthAt(lengths, i + 1, j), itemAt(row, j + 1));
		}
	}
	return lengths;
}

function lengthAt(lengths: readonly (readonly number[])[], i: number, j: number): number {
	return itemAt(itemAt(lengths, i), j);
}
