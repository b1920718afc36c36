/** A task of two labels and a model that decides it by a table of words, so that the true influence of each word is known. */
import type { Example } from '../core/example.ts';
import { segmentOf } from '../core/example.ts';
import type { Task } from '../core/task.ts';
import { createFakeModel, type FakeModel } from './fakeModel.ts';

export const toyTask: Task = {
	id: 'toy',
	instruction: 'Is it liked?',
	segmentTitles: { text: 'Text' },
	labels: ['positive', 'negative'],
	verbalizers: { positive: 'positive', negative: 'negative' },
};

/** z_positive - z_negative = 3 good + 2 fine - bad. */
const weights = { good: { positive: 3 }, fine: { positive: 2 }, bad: { negative: 1 } };

/** Returns the model; `answer` is what it says when it is asked for words. */
export function toyModel(answer = '["good", "fine"]'): FakeModel {
	return createFakeModel({ weights, answer: () => answer });
}

/** Returns an example of the task whose words `annotated` a person marked. */
export function toyExample(id: string, text: string, annotated: readonly string[] = []): Example {
	const segment = segmentOf('text', text);
	const spans = segment.words
		.filter(({ start, end }) => annotated.includes(text.slice(start, end)))
		.map((span) => ({ segment: 0, span }));
	return { id, segments: [segment], label: null, annotations: [{ annotator: 'a', spans }] };
}

/** Three texts of different length and answer. */
export function toyExamples(): Example[] {
	return [
		toyExample('first', 'a good film of fine music yet bad sound', ['good', 'fine']),
		toyExample('second', 'truly good fun here', ['good']),
		toyExample('third', 'so bad it is', ['bad']),
	];
}
