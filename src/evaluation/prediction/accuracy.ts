import { missing, scored } from '../../core/score.ts';
import { shareMetric } from '../metric.ts';
import { labelNumber, type PredictedExample } from './predictedExample.ts';

/** Share of examples whose prediction is the gold label; by chance that of labels drawn evenly, 1 / labels. */
export const accuracy = shareMetric<PredictedExample>(
	{
		id: 'accuracy',
		title: 'Accuracy',
		family: 'prediction',
		range: [0, 1],
		better: 'higher',
		needs: 'predictions',
		judges: 'answers',
		source: 'scikit-learn accuracy_score',
	},
	({ labels, gold, prediction }) => {
		if (gold === null) return missing('no gold label');
		return scored(labelNumber(labels, gold) === labelNumber(labels, prediction) ? 1 : 0);
	},
	({ labels }) => scored(1 / labels.length),
);
