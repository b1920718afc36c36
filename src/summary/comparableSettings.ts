/** Which models, and which epochs of one, may be set side by side: every two on the same data. */
import type { Verdict } from '../evaluation/collapse.ts';
import { comparability, type JudgedSetting } from '../evaluation/comparability.ts';
import type { SettingComparability, SummaryRow } from '../records/summaryRows.ts';

/** A setting with what `comparability` asks about. */
export interface ComparableSetting {
	readonly place: Pick<SettingComparability, 'dataset' | 'split'> & {
		readonly model: string;
		readonly epoch: number | null;
	};
	readonly rows: readonly SummaryRow[];
	readonly examples: readonly string[];
	/** Under the first masking. */
	readonly verdict: Verdict;
	readonly randomFlips: number | null;
}

/** Returns the judgement of every two settings on one split of one dataset. */
export function comparableSettings(settings: readonly ComparableSetting[]): SettingComparability[] {
	return settings.flatMap((first, i) =>
		settings.slice(i + 1).flatMap((second) => {
			const { dataset, split } = first.place;
			if (dataset !== second.place.dataset || split !== second.place.split) return [];
			const name = ({ place: { model, epoch } }: ComparableSetting) => ({ model, epoch });
			const found = comparability(judgedOf(first), judgedOf(second));
			return [{ dataset, split, first: name(first), second: name(second), ...found }];
		}),
	);
}

function judgedOf({ place, rows, examples, verdict, randomFlips }: ComparableSetting): JudgedSetting {
	const accuracy = rows.find(({ metric, subset }) => metric === 'accuracy' && subset === 'all');
	return {
		name: place.epoch === null ? place.model : `${place.model}, epoch ${place.epoch}`,
		...{ verdict, examples, randomFlips },
		accuracy:
			accuracy === undefined || accuracy.value === null || accuracy.ci95 === null
				? null
				: { value: accuracy.value, ci95: accuracy.ci95 },
	};
}
