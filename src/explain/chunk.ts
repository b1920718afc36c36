/** A chunk of examples and the cells of its records. */
import type { Example } from '../core/example.ts';

/** Examples that go through the model together; its records are appended together. */
export interface PlannedChunk {
	readonly examples: readonly PlannedExample[];
}

export interface PlannedExample {
	readonly example: Example;
	/** Of the prediction. */
	readonly cell: string;
	/** Of what each method says, in the order of the study's methods. */
	readonly rationaleCells: readonly string[];
}

/** Returns the cells of a chunk in the order of its records. */
export function cellsOf({ examples }: PlannedChunk): string[] {
	return examples.flatMap(({ cell, rationaleCells }) => [cell, ...rationaleCells]);
}
