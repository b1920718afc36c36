import { hasValue, missing, type Score } from '../../core/score.ts';
import { meanMetric, noChance } from '../metric.ts';
import { mean } from '../statistics/mean.ts';
import { aggregateAnnotators, againstEachAnnotator } from './annotators.ts';
import { overlapOf } from './overlap.ts';
import { tokenF1 } from './tokenF1.ts';

/** One example with every annotator's words apart. Words are numbered 0..wordCount-1. */
export interface AnnotatedExample {
	readonly wordCount: number;
	readonly annotations: readonly (readonly number[])[];
	/** Chosen words; null where there is no rationale to score. */
	readonly predicted: readonly number[] | null;
}

const common = {
	family: 'alignment',
	range: [0, 1],
	better: 'higher',
	needs: 'annotations',
	judges: 'chosen',
} as const;

/** Mean over examples of the mean F1 against each annotator alone; annotators who marked nothing are left out. */
export const tokenF1AnnotatorMean = meanMetric<AnnotatedExample>(
	{
		id: 'token_f1.annotator_mean',
		title: 'Token F1 against each annotator, mean',
		source: 'docs/methods.md D.7; examples with two or more annotators',
		...common,
	},
	(example) => againstEach(example, 'mean'),
	noChance,
);

/** Mean over examples of the F1 against the annotator who agrees best. */
export const tokenF1AnnotatorMax = meanMetric<AnnotatedExample>(
	{
		id: 'token_f1.annotator_max',
		title: 'Token F1 against the nearest annotator',
		source: 'docs/methods.md D.7; as ROUGE takes the best of several references; examples with two or more annotators',
		...common,
	},
	(example) => againstEach(example, 'largest'),
	noChance,
);

/**
 * The human ceiling: mean over examples of each annotator's F1 against the others, aggregated by the rule that the study
 * uses for all of them (majority from three on, else union); averaged over annotators first.
 */
export const tokenF1HumanCeiling = meanMetric<AnnotatedExample>(
	{
		id: 'token_f1.human_ceiling',
		title: 'Token F1 of each annotator against the others (human ceiling)',
		source: 'docs/methods.md D.7, leave one annotator out; examples with two or more annotators',
		...common,
	},
	({ wordCount, annotations }) => {
		if (annotations.length < 2) return missing(tooFew);
		const rule = annotations.length >= 3 ? 'majority' : 'union';
		const scores = annotations.map((own, annotator) => {
			const others = annotations.filter((_, other) => other !== annotator);
			return tokenF1(overlapOf(wordCount, aggregateAnnotators(others, rule), own));
		});
		const present = scores.filter(hasValue).map(({ value }) => value);
		return present.length === 0 ? missing('the annotators agree on no word') : mean(present);
	},
	noChance,
);

const tooFew = 'fewer than two annotators';

function againstEach({ wordCount, annotations, predicted }: AnnotatedExample, which: 'mean' | 'largest'): Score {
	if (annotations.length < 2) return missing(tooFew);
	if (predicted === null) return missing('no rationale');
	return againstEachAnnotator(annotations, (gold) => tokenF1(overlapOf(wordCount, gold, predicted)))[which];
}
