/** Probabilities of texts with words masked, for the measures that need more than labels. */
import { type ProbabilityMeasure, probabilityMeasuresOf, sharesOf } from '../../evaluation/faithfulness/measures.ts';
import { kendallTauB } from '../../evaluation/statistics/kendall.ts';
import { hasValue } from '../../core/score.ts';
import { type MaskingId, maskings, maskWords, unblocked } from '../../rationales/masking.ts';
import { selectWords } from '../../rationales/selection.ts';
import type { AnsweredShare, ProbedSelection, ProbeRecord } from '../../records/records.ts';
import type { MaskedPrediction, Predict } from './maskedPredictions.ts';
import { type ClassifiedExample, type ExplainContext, selectionContext } from '../context.ts';
import type { Attribution } from '../../rationales/attribution.ts';

/** One example under study, with what the model answers about it. */
export interface Probing {
	readonly context: ExplainContext;
	readonly asked: ClassifiedExample;
	readonly predict: Predict;
}

/** Returns how many words are a share of W words: max(1, round half up(share * W)) (docs/methods.md B.4). */
export function countOfShare(share: number, wordCount: number): number {
	return Math.max(1, Math.floor(share * wordCount + 0.5 + 1e-9));
}

/** Returns the words with the largest scores that make up a share of the text; none for share 0. */
export function bestShare(
	{ context, asked }: Probing,
	attribution: Attribution,
	share: number,
): readonly number[] | null {
	if (share === 0) return [];
	const count = countOfShare(share, asked.wordCount);
	const choice = selectWords('top_k', attribution, { ...selectionContext(context, asked), fixedCount: count });
	return 'missing' in choice ? null : choice.words;
}

/** Returns the probabilities about chosen words and as many random ones; nothing where no measure asks for them. */
export function probeSelection(
	probing: Probing,
	words: readonly number[],
	draws: readonly (readonly number[])[],
): ProbedSelection {
	const measures = measuresOf(probing);
	if (!measures.some(({ ofChoice }) => ofChoice.length > 0)) return {};
	const keeps = measures.some(({ keepsChoice }) => keepsChoice);
	const masked = (masking: MaskingId): MaskedPrediction | null => without(probing, masking, words);
	const kept = (masking: MaskingId): MaskedPrediction | null => onlyWith(probing, masking, words);
	return {
		maskedProbabilities: perMasking(probing, (masking) => masked(masking)?.probabilities ?? null),
		maskedMass: perMasking(probing, (masking) => masked(masking)?.mass ?? null),
		...(keeps && {
			keptProbabilities: perMasking(probing, (masking) => kept(masking)?.probabilities ?? null),
			keptMass: perMasking(probing, (masking) => kept(masking)?.mass ?? null),
		}),
		controlProbability: perMasking(probing, (masking) =>
			draws.flatMap((draw) => probabilityOfPredicted(probing, without(probing, masking, draw)) ?? []),
		),
	};
}

/** Returns the probabilities about the text and the method's order of the words; null where no measure asks for them. */
export function probeRanking(probing: Probing, attribution: Attribution): Readonly<Record<string, ProbeRecord>> | null {
	const measures = measuresOf(probing);
	if (measures.length === 0) return null;
	return perMasking(probing, (masking) => probeUnder(probing, measures, masking, attribution));
}

function probeUnder(
	probing: Probing,
	measures: readonly ProbabilityMeasure[],
	masking: MaskingId,
	attribution: Attribution,
): ProbeRecord | null {
	const allMasked = onlyWith(probing, masking, [])?.probabilities ?? null;
	if (attribution.own !== null) return { allMasked };
	const curve = (side: 'masked' | 'kept'): AnsweredShare[] =>
		sharesOf(measures, side).flatMap((share) => {
			const words = bestShare(probing, attribution, share);
			const answer = words && (side === 'masked' ? without : onlyWith)(probing, masking, words);
			return answer === null ? [] : [{ share, label: answer.label, probabilities: answer.probabilities }];
		});
	const tau = measures.some(({ leavesOneOut }) => leavesOneOut) && {
		tauLoo: tauLooOf(probing, masking, attribution.scores ?? []),
	};
	return { allMasked, masked: curve('masked'), kept: curve('kept'), ...tau };
}

/** Returns Kendall's tau-b of the scores with what masking each word takes from the probability; null where undefined. */
function tauLooOf(probing: Probing, masking: MaskingId, scores: readonly (number | null)[]): number | null {
	const { asked } = probing;
	const full = probabilityOfPredicted(probing, probing.predict(unblocked(asked.prompt.ids)));
	const pairs = asked.eligible.flatMap((word) => {
		const left = probabilityOfPredicted(probing, without(probing, masking, [word]));
		const score = scores[word] ?? null;
		return full === null || left === null || score === null ? [] : [{ score, drop: full - left }];
	});
	const tau = kendallTauB(
		pairs.map(({ score }) => score),
		pairs.map(({ drop }) => drop),
	);
	return hasValue(tau) ? tau.value : null;
}

function without({ asked, predict }: Probing, masking: MaskingId, words: readonly number[]): MaskedPrediction | null {
	return predict(maskWords(maskings[masking], asked.prompt, words));
}

/** Masks all other words; the prompt around the text stays. */
function onlyWith(probing: Probing, masking: MaskingId, words: readonly number[]): MaskedPrediction | null {
	const kept = new Set(words);
	return without(
		probing,
		masking,
		probing.asked.eligible.filter((word) => !kept.has(word)),
	);
}

function probabilityOfPredicted({ context, asked }: Probing, answer: MaskedPrediction | null): number | null {
	const label = context.format.task.labels[asked.predicted] ?? '';
	return answer?.probabilities[label] ?? null;
}

function measuresOf({ context }: Probing): ProbabilityMeasure[] {
	return probabilityMeasuresOf(context.settings.measures);
}

/** Returns the values by masking; those that are null are left out. */
function perMasking<T>({ context }: Probing, value: (masking: MaskingId) => T | null): Readonly<Record<string, T>> {
	return Object.fromEntries(
		context.settings.maskings.flatMap((masking) => {
			const found = value(masking);
			return found === null ? [] : [[masking, found]];
		}),
	);
}
