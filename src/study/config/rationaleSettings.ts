/** From a study file to what decides the rationales of one of its datasets. */
import { UserError } from '../../core/errors.ts';
import { needsAnnotations, type SelectionId, selectionIds } from '../../rationales/selection.ts';
import type { RationaleSettings } from '../../explain/settings.ts';
import { guideIds, type StudyConfig } from './studyFile.ts';

/** What of a dataset decides which words can be chosen. */
export interface AnnotatedDataset {
	readonly id: string;
	/** Null where no word is marked. */
	readonly meanShare: number | null;
}

/** Returns what decides the rationales of a dataset of a study. */
export function rationaleSettings(config: StudyConfig, dataset: AnnotatedDataset): RationaleSettings {
	const { seed, methods: ids, maskings: ways, topK, topShare, target, curve, control, answer } = config;
	const { attention, perturbation, threshold, unit, aggregation } = config;
	return {
		seed,
		methods: ids,
		...choiceOfWords(config, dataset),
		maskings: ways,
		topK,
		topShare,
		target,
		curve,
		attention,
		perturbation: { ...perturbation, unit: perturbation.unit ?? unit },
		threshold,
		unit,
		aggregation,
		maxAnswerTokens: answer.maxTokens,
		controlDraws: control.draws,
		measures: config.faithfulness,
	};
}

/** Where the study does not say: as many words as people marked, or a fixed share of them where nobody marked any. */
function choiceOfWords({ selections, guidedBy }: StudyConfig, { meanShare }: AnnotatedDataset) {
	const usual: { selections: SelectionId[]; guidedBy: RationaleSettings['guidedBy'] } =
		meanShare === null
			? { selections: ['top_share', 'own'], guidedBy: 'top_share' }
			: { selections: ['top_var', 'top_ratio', 'own'], guidedBy: 'top_var' };
	return { selections: selections ?? usual.selections, guidedBy: guidedBy ?? usual.guidedBy };
}

/** Throws a `UserError` where the study names a choice of words that cannot be made for one of its datasets. */
export function requirePossibleChoices(config: StudyConfig, datasets: readonly AnnotatedDataset[]): void {
	const unmarked = datasets.filter(({ meanShare }) => meanShare === null).map(({ id }) => id);
	if (unmarked.length === 0) return;
	const guide = isGuided(config) && config.guidedBy !== null ? [config.guidedBy] : [];
	const asked = [
		{ key: 'selections', ids: config.selections ?? [], known: selectionIds },
		{ key: 'guidedBy', ids: guide, known: guideIds },
	] as const;
	const problems = asked.flatMap(({ key, ids, known }) => {
		const impossible = ids.filter(needsAnnotations);
		if (impossible.length === 0) return [];
		const possible = known.filter((id) => !needsAnnotations(id));
		return [
			`${config.place([key])}: ${quoted(impossible)} can only be made where people marked words, and nobody marked any in ` +
				`${quoted(unmarked)}. Possible there: ${possible.join(', ')}. Without "${key}" each dataset gets what can be made for it.`,
		];
	});
	if (problems.length > 0) throw new UserError(problems.join('\n'));
}

/** Whether anything takes its number of words from `guidedBy`. */
function isGuided({ selections, methods }: StudyConfig): boolean {
	return selections?.includes('contiguous') === true || methods.includes('prompt.top_k');
}

function quoted(names: readonly string[]): string {
	return names.map((name) => `"${name}"`).join(', ');
}
