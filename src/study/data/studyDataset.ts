/** A dataset as a study takes it. */
import type { Example } from '../../core/example.ts';
import type { Task } from '../../core/task.ts';

/** One split of a dataset, as loaded. */
export interface StudyDataset {
	readonly id: string;
	readonly title: string;
	readonly split: string;
	readonly task: Task;
	readonly examples: readonly Example[];
	/** Mean share of annotated words: the ratio of `top_ratio`. Null where nothing is annotated. */
	readonly meanShare: number | null;
}
