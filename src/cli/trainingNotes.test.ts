import { expect, test } from 'vitest';
import type { Training } from '../study/run/finetuneStudy.ts';
import { silentProgress } from '../terminal/progress.ts';
import { trainingNotes } from './trainingNotes.ts';

/** The second of three trainings: a quarter of all texts was learnt before it, half come after it. */
const second: Training = { model: 'm', datasets: ['d'], folder: 'f', part: { start: 0.25, end: 0.5 } };

function stepsShown(training: Training, done: number, total: number): [number, number][] {
	const shown: [number, number][] = [];
	const progress = { ...silentProgress(), update: (_: string, all: number, of: number) => void shown.push([all, of]) };
	trainingNotes(null, progress, () => 0).onStep(training, done, total, 0);
	return shown;
}

test('steps are counted among those of all trainings, so that the time left covers those to come', () => {
	expect(stepsShown(second, 0, 100)).toEqual([[100, 400]]);
	expect(stepsShown(second, 100, 100)).toEqual([[200, 400]]);
});

test('a single training counts its own steps', () => {
	expect(stepsShown({ ...second, part: { start: 0, end: 1 } }, 7, 100)).toEqual([[7, 100]]);
});
