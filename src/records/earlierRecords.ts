/** Records of formats before 7, in which answers about masked texts stood under fields of their own. */
import type { MaskedAnswer, MaskedAnswers } from '../evaluation/faithfulness/maskedProbabilities.ts';
import type { RationaleRecord, SelectionRecord, StudyRecord } from './records.ts';

type Probabilities = Readonly<Record<string, number>>;
type ByMasking<T> = Readonly<Record<string, T>>;

interface EarlierShare {
	readonly share: number;
	readonly label: string;
	readonly probabilities: Probabilities;
}

interface EarlierAnswers {
	readonly allMasked: Probabilities | null;
	readonly masked?: readonly EarlierShare[];
	readonly kept?: readonly EarlierShare[];
	readonly bounds?: { readonly masked: object; readonly kept: object };
}

interface EarlierRationale {
	readonly probes?: ByMasking<EarlierAnswers>;
}

interface EarlierSelection {
	readonly maskedProbabilities?: ByMasking<Probabilities>;
	readonly maskedMass?: ByMasking<number>;
	readonly keptProbabilities?: ByMasking<Probabilities>;
	readonly keptMass?: ByMasking<number>;
	readonly controlProbability?: ByMasking<readonly number[]>;
}

/** Returns the record with its answers by name; a record of today as it is. Kendall's tau alone cannot be carried over. */
export function inTodaysForm(record: StudyRecord): StudyRecord {
	if (record.kind !== 'rationale') return record;
	const { probes, ...rest } = record as RationaleRecord & EarlierRationale;
	const selections = rest.selections.map(selectionInTodaysForm);
	if (probes === undefined) return { ...rest, selections };
	const searched = mapValues(probes, ({ bounds }) =>
		bounds === undefined ? null : { 'limits masked': { ...bounds.masked }, 'limits kept': { ...bounds.kept } },
	);
	return {
		...rest,
		selections,
		answers: mapValues(probes, answersOf),
		...(Object.keys(searched).length === 0 ? {} : { searches: searched }),
	};
}

function answersOf({ allMasked, masked = [], kept = [] }: EarlierAnswers): MaskedAnswers {
	const points = (side: string, shares: readonly EarlierShare[]): [string, MaskedAnswer][] =>
		shares.map(({ share, label, probabilities }) => [`${side} ${share}`, { label, probabilities, mass: null }]);
	return Object.fromEntries([
		...(allMasked === null ? [] : [['all', answerOf(allMasked, null)] as const]),
		...points('masked', masked),
		...points('kept', kept),
	]);
}

function selectionInTodaysForm(selection: SelectionRecord): SelectionRecord {
	const earlier = selection as SelectionRecord & EarlierSelection;
	const { maskedProbabilities, maskedMass, keptProbabilities, keptMass, controlProbability, ...rest } = earlier;
	if (maskedProbabilities === undefined) return rest;
	const answers = mapValues(maskedProbabilities, (probabilities, masking): MaskedAnswers => {
		const kept = keptProbabilities?.[masking];
		const drawn = controlProbability?.[masking];
		return {
			masked: answerOf(probabilities, maskedMass?.[masking] ?? null),
			...(drawn === undefined ? {} : { control: { labels: rest.control[masking] ?? [], probabilities: drawn } }),
			...(kept === undefined ? {} : { kept: answerOf(kept, keptMass?.[masking] ?? null) }),
		};
	});
	return { ...rest, answers };
}

/** The first among equals, as the label was told. */
function answerOf(probabilities: Probabilities, mass: number | null): MaskedAnswer {
	const falling = Object.entries(probabilities).toSorted(([, a], [, b]) => b - a);
	const [label = ''] = falling.map(([own]) => own);
	return { label, probabilities, mass };
}

function mapValues<T, R>(values: ByMasking<T>, of: (value: T, key: string) => R | null): ByMasking<R> {
	return Object.fromEntries(
		Object.entries(values).flatMap(([key, value]) => {
			const found = of(value, key);
			return found === null ? [] : [[key, found]];
		}),
	);
}
