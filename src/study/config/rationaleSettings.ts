/** From a study file to what decides its rationales. */
import type { StudyConfig } from './studyFile.ts';
import type { RationaleSettings } from '../../explain/settings.ts';

/** Returns what decides the rationales of a study. */
export function rationaleSettings(config: StudyConfig): RationaleSettings {
	const { seed, methods: ids, selections, maskings: ways, topK, guidedBy, target, curve, control, answer } = config;
	const { attention, perturbation, threshold, unit, aggregation } = config;
	return {
		...{
			seed,
			methods: ids,
			selections,
			maskings: ways,
			topK,
			guidedBy,
			target,
			curve,
			attention,
			perturbation: { ...perturbation, unit: perturbation.unit ?? unit },
			threshold,
			unit,
			aggregation,
		},
		maxAnswerTokens: answer.maxTokens,
		controlDraws: control.draws,
		measures: config.faithfulness,
	};
}
