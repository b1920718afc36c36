import type { Verdict } from './collapse.ts';
import type { Interval } from './statistics/bootstrap.ts';

/** What decides whether faithfulness figures of two models, or of one at two epochs, may be set side by side. */
export interface JudgedSetting {
	/** For the sentences: `tiny-instruct, epoch 2`. */
	readonly name: string;
	readonly verdict: Verdict;
	/** Ids of the examples with a prediction. */
	readonly examples: readonly string[];
	/** Accuracy with its interval; null without gold labels. */
	readonly accuracy: { readonly value: number; readonly ci95: Interval } | null;
	/** Share of predictions that as many random words flip; null where none were masked. */
	readonly randomFlips: number | null;
}

export interface Comparability {
	readonly level: 'comparable' | 'with care' | 'not comparable';
	/** In plain words; empty for `comparable`. */
	readonly reasons: readonly string[];
}

/** Ours: from this difference on, random words alone make raw flip rates differ visibly. */
const randomFlipGap = 0.1;

/**
 * Returns whether faithfulness figures of two settings on the same data can be compared. Not where either is not evaluable,
 * nor where they are about other examples. With care where random words flip the one far more easily than the other (then
 * only figures above random words speak), where the accuracies differ, and where either verdict says so.
 */
export function comparability(first: JudgedSetting, second: JudgedSetting): Comparability {
	const fatal = [...voidReasons(first), ...voidReasons(second), ...exampleReasons(first, second)];
	if (fatal.length > 0) return { level: 'not comparable', reasons: fatal };
	const careful = [
		...randomReasons(first, second),
		...accuracyReasons(first, second),
		...[first, second].flatMap(({ name, verdict }) => verdict.reasons.map((reason) => `${name}: ${reason}`)),
	];
	return { level: careful.length > 0 ? 'with care' : 'comparable', reasons: careful };
}

function voidReasons({ name, verdict }: JudgedSetting): string[] {
	if (verdict.level !== 'not evaluable') return [];
	return [`${name} is not evaluable (${verdict.reasons.join('; ')}): its figures are void, not low`];
}

function exampleReasons(first: JudgedSetting, second: JudgedSetting): string[] {
	const [a, b] = [new Set(first.examples), new Set(second.examples)];
	const onlyOne = [...a].filter((id) => !b.has(id)).length + [...b].filter((id) => !a.has(id)).length;
	return onlyOne === 0
		? []
		: [`${onlyOne} examples have a prediction from only one of ${first.name} and ${second.name}`];
}

function randomReasons(first: JudgedSetting, second: JudgedSetting): string[] {
	if (first.randomFlips === null || second.randomFlips === null) return [];
	if (Math.abs(first.randomFlips - second.randomFlips) <= randomFlipGap) return [];
	return [
		`as many random words flip ${percent(first.randomFlips)} of the predictions of ${first.name} and ` +
			`${percent(second.randomFlips)} of those of ${second.name}: compare flip rates above random words, not flip rates`,
	];
}

function accuracyReasons(first: JudgedSetting, second: JudgedSetting): string[] {
	if (first.accuracy === null || second.accuracy === null) return [];
	const [a, b] = [first.accuracy, second.accuracy];
	if (a.ci95[0] <= b.ci95[1] && b.ci95[0] <= a.ci95[1]) return [];
	return [
		`accuracy is ${percent(a.value)} for ${first.name} and ${percent(b.value)} for ${second.name}: ` +
			'predictions that were wrong flip more easily; look at the subset of right ones too',
	];
}

function percent(share: number): string {
	return `${Number((share * 100).toFixed(1))} %`;
}
