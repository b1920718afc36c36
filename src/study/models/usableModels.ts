/** Which models of a study can be used here, and which of them are trained. */
import { UserError } from '../../core/errors.ts';
import { isBehindApi } from '../../llm/remote/openApiModel.ts';
import type { StudyConfig } from '../config/studyFile.ts';
import type { ModelEntry, ModelSource } from './modelSource.ts';

/** A model that the study goes on without. */
export interface LeftOut {
	readonly id: string;
	readonly reason: string;
}

/** Returns the study without its optional models that cannot be used here. Throws `UserError` where none is left. */
export function withUsableModels(
	config: StudyConfig,
	source: ModelSource,
): { readonly config: StudyConfig; readonly leftOut: readonly LeftOut[] } {
	const leftOut = config.models.flatMap((model): LeftOut[] => {
		const problem = model.optional === true ? (source.problem?.(model) ?? null) : null;
		return problem === null ? [] : [{ id: model.id, reason: problem.message }];
	});
	const models = config.models.filter(({ id }) => leftOut.every((other) => other.id !== id));
	if (models.length > 0) return { config: { ...config, models }, leftOut };
	const reasons = leftOut.map(({ id, reason }) => `  ${id}: ${reason}`);
	throw new UserError(['models: none of them can be used here.', ...reasons].join('\n'));
}

/** Returns true for a model that the study fine-tunes: those it names, or all that are on this machine. */
export function isTrained({ finetune }: StudyConfig, model: ModelEntry): boolean {
	if (finetune === null) return false;
	return finetune.models?.includes(model.id) ?? !isBehindApi(model);
}
