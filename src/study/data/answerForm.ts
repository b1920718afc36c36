/** How answers begin and are spelled, where a study says so beside the task. */
import type { Task } from '../../core/task.ts';
import type { LoadedDataset } from './loadDataset.ts';

export interface AnswerForm {
	/** In place of what the task says; null for nothing; as the task says where left out. */
	readonly answerPrefix?: string | null | undefined;
	readonly spellings?: 'all' | 'exact' | undefined;
}

/** Returns the data with its task, and all other ways to put it, in that form. */
export function withAnswerForm(loaded: LoadedDataset, form: AnswerForm): LoadedDataset {
	const { dataset, wordings, inOrder } = loaded;
	return {
		...loaded,
		dataset: { ...dataset, task: taskInForm(dataset.task, form) },
		wordings: wordings.map((wording) => ({ ...wording, task: taskInForm(wording.task, form) })),
		inOrder: inOrder && ((labels) => taskInForm(inOrder(labels), form)),
	};
}

/** Returns the task in that form. */
export function taskInForm(task: Task, { answerPrefix, spellings }: AnswerForm): Task {
	const { answerPrefix: own, ...rest } = task;
	const prefix = answerPrefix === undefined ? own : (answerPrefix ?? undefined);
	return {
		...rest,
		...(prefix === undefined ? {} : { answerPrefix: prefix }),
		...(spellings === 'exact' ? { spellings } : {}),
	};
}
