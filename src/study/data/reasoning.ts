/** That the models of a study think before they say a label. */
import { UserError } from '../../core/errors.ts';
import type { Task } from '../../core/task.ts';
import { isBehindApi } from '../../llm/remote/openApiModel.ts';
import type { StudyConfig } from '../config/studyFile.ts';
import type { LoadedDataset } from './loadDataset.ts';

/**
 * Returns the datasets with tasks that say how a model thinks: as their own file says, else as the study does. Throws a
 * `UserError` where that cannot go together with something else the study asks for.
 */
export function withReasoning(config: StudyConfig, loaded: readonly LoadedDataset[]): LoadedDataset[] {
	const { reasoning } = config;
	const told = <T extends Task>(task: T): T => (reasoning === undefined ? task : { reasoning, ...task });
	const datasets = loaded.map(({ dataset, wordings, inOrder, ...rest }) => ({
		...rest,
		dataset: { ...dataset, task: told(dataset.task) },
		wordings: wordings.map((wording) => ({ ...wording, task: told(wording.task) })),
		inOrder: inOrder === null ? null : (labels: readonly string[]) => told(inOrder(labels)),
	}));
	for (const { dataset } of datasets) requirePossible(config, dataset.task);
	return datasets;
}

function requirePossible({ models, maskings, perturbation, finetune }: StudyConfig, { id, reasoning }: Task): void {
	if (reasoning === undefined) return;
	const refuse = (what: string): never => {
		throw new UserError(`task "${id}": reasoning: ${what}`);
	};
	if (finetune !== null) {
		refuse('fine-tuning teaches the label that follows the text, and no thought before it. Leave out one of the two.');
	}
	const remote = models.find(isBehindApi);
	if (remote !== undefined && reasoning.masked === 'kept') {
		refuse(
			`"masked: kept" cannot be had from "${remote.id}": what a model behind an API thought cannot be given back to it.`,
		);
	}
	if (reasoning.masked === 'anew' && [...maskings, perturbation.masking].includes('block_attention')) {
		refuse(
			'masking "block_attention" cannot be used while a model thinks anew, because a thought is written by a model that ' +
				'reads everything. Take "space" or "delete", or "masked: kept".',
		);
	}
}
