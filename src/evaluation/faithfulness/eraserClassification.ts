/** ERASER's own scores of answers (DeYoung et al. 2020, `score_classifications`), to compare with published numbers. */
import { missing, type Score } from '../../core/score.ts';
import { mean } from '../statistics/mean.ts';
import { eraserBins } from './maskedProbabilities.ts';

/** Probability by label. */
export type Distribution = Readonly<Record<string, number>>;

/** `thresholded_scores`: answers without, and with only, the best share of the tokens. */
export interface EraserThreshold {
	readonly threshold: number;
	readonly without: Distribution;
	readonly only: Distribution;
}

/** The answers of one line of predictions; null where the file does not have them. */
export interface EraserAnswers {
	/** Of the annotation. */
	readonly gold: string;
	readonly classification: string;
	/** `classification_scores`. */
	readonly full: Distribution | null;
	/** `comprehensiveness_classification_scores`. */
	readonly without: Distribution | null;
	/** `sufficiency_classification_scores`. */
	readonly only: Distribution | null;
	readonly thresholds: readonly EraserThreshold[] | null;
}

export interface EraserAnswerScores {
	readonly accuracy: Score;
	readonly comprehensiveness: Score;
	/** Mean over the five bins of the given thresholds; the paper divides by six. */
	readonly comprehensivenessAopc: Score;
	readonly sufficiency: Score;
	readonly sufficiencyAopc: Score;
}

/** Returns the means over the lines of predictions; a score is missing where a line lacks what it takes. */
export function eraserAnswerScores(lines: readonly EraserAnswers[]): EraserAnswerScores {
	const average = (drops: (line: EraserAnswers) => readonly (number | null)[]): Score => meanOf(lines.flatMap(drops));
	const drop = ({ classification, full }: EraserAnswers, other: Distribution | null): number | null => {
		const [before, after] = [full?.[classification], other?.[classification]];
		return before === undefined || after === undefined ? null : before - after;
	};
	const drops = (side: 'without' | 'only') => (line: EraserAnswers) =>
		eraserBins.map((bin) => {
			const found = line.thresholds?.find(({ threshold }) => threshold === bin);
			return drop(line, found?.[side] ?? null);
		});
	return {
		accuracy: average(({ gold, classification }) => [gold === classification ? 1 : 0]),
		comprehensiveness: average((line) => [drop(line, line.without)]),
		comprehensivenessAopc: average(drops('without')),
		sufficiency: average((line) => [drop(line, line.only)]),
		sufficiencyAopc: average(drops('only')),
	};
}

function meanOf(values: readonly (number | null)[]): Score {
	const present = values.filter((value) => value !== null);
	return present.length < values.length ? missing('the predictions do not hold what it takes') : mean(present);
}
