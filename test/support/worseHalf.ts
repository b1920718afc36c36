/** A measure that asks about a masked text which no measure of the program knows. */
import { hasValue, scored } from '../../src/core/score.ts';
import { type MaskedProbabilities, probabilityOf } from '../../src/evaluation/faithfulness/maskedProbabilities.ts';
import type { SingleText } from '../../src/evaluation/faithfulness/maskedText.ts';
import type { FaithfulnessMeasure } from '../../src/evaluation/faithfulness/measure.ts';
import { meanMetric, noChance } from '../../src/evaluation/metric.ts';

/** The worse half of the words masked. */
export const worseHalf: SingleText = {
	name: 'worse half',
	askedOf: 'scores',
	order: 9,
	absent: 'no prediction without the worse half',
	words: ({ eligible, best }) => {
		const better = best(0.5);
		return better && eligible.filter((word) => !better.includes(word));
	},
};

export const worseHalfMeasure: FaithfulnessMeasure = {
	texts: [worseHalf],
	metrics: [
		meanMetric<MaskedProbabilities>(
			{
				...{ id: 'worse_half', title: 'What the worse half of the words carries', family: 'faithfulness' },
				...{ range: [-1, 1], better: 'lower', needs: 'masking', judges: 'scores', source: 'this test' },
			},
			(example) => {
				const left = probabilityOf(example, worseHalf);
				return hasValue(left) ? scored(example.full - left.value) : left;
			},
			noChance,
		),
	],
};
