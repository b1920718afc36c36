/** Which examples the report shows. */
import type { PredictionRecord } from '../../records/records.ts';
import type { Setting } from '../view.ts';

export interface PickedExample {
	readonly setting: Setting;
	readonly prediction: PredictionRecord;
}

const exampleLimit = 20;
/** Words shown in all, over examples and methods: keeps the file small where texts are long. */
const wordLimit = 60_000;

/** Returns examples from all settings in turn, wrong and right predictions in turn, in the order of the settings. */
export function pickExamples(settings: readonly Setting[]): PickedExample[] {
	const queues = settings.map((setting) =>
		interleave(byCorrectness(setting.predictions)).map((prediction) => ({ setting, prediction })),
	);
	const picked = interleave(queues).slice(0, exampleLimit);
	let words = 0;
	return picked
		.filter((example, i) => (words += wordsShown(example)) <= wordLimit || i === 0)
		.toSorted((a, b) => settings.indexOf(a.setting) - settings.indexOf(b.setting));
}

function byCorrectness(predictions: readonly PredictionRecord[]): PredictionRecord[][] {
	const isWrong = ({ gold, prediction }: PredictionRecord): boolean => gold !== null && gold !== prediction;
	return [predictions.filter(isWrong), predictions.filter((record) => !isWrong(record))];
}

/** Returns the first of each queue, then the second of each, and so on. */
function interleave<T>(queues: readonly (readonly T[])[]): T[] {
	const longest = Math.max(0, ...queues.map(({ length }) => length));
	return Array.from({ length: longest }, (_, i) => queues.flatMap((queue) => queue.slice(i, i + 1))).flat();
}

function wordsShown({ setting, prediction }: PickedExample): number {
	const words = prediction.segments.reduce((sum, segment) => sum + segment.words.length, 0);
	return words * (1 + setting.rationales.filter(({ example }) => example === prediction.example).length);
}
