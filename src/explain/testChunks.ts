/** Chunks of texts for tests: the task is whether a film is liked. */
import { segmentOf } from '../core/example.ts';
import type { Task } from '../core/task.ts';
import type { PlannedChunk } from './chunk.ts';

export const likingTask: Task = {
	...{ id: 't', instruction: 'Liked?', segmentTitles: { text: 'Text' }, labels: ['positive', 'negative'] },
	verbalizers: { positive: 'positive', negative: 'negative' },
};

/** Returns a chunk of texts without annotation; the cells of text 0 are `p0`, `r0.0`, `r0.1`. */
export function chunkOf(texts: readonly string[], methodCount = 0): PlannedChunk {
	return {
		examples: texts.map((text, i) => ({
			example: { id: `e${i}`, segments: [segmentOf('text', text)], label: 'positive', annotations: [] },
			cell: `p${i}`,
			rationaleCells: Array.from({ length: methodCount }, (_, method) => `r${i}.${method}`),
		})),
	};
}
