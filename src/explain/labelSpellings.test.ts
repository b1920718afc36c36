import { expect, it } from 'vitest';
import type { Task } from '../core/task.ts';
import type { LanguageModel, TokenIds } from '../llm/languageModel.ts';
import { createFakeModel } from '../testing/fakeModel.ts';
import { labelSpellings } from './labelSpellings.ts';

/** A model whose tokenizer takes the longest of these pieces, else a character; control tokens stand alone. */
function modelOf(pieces: readonly string[], endTokens: TokenIds | null = [1]): LanguageModel {
	const known = ['', '<|end|>', ...pieces.toSorted((a, b) => b.length - a.length)];
	const { endTokens: _, ...fake } = createFakeModel({ weights: {} });
	return {
		...fake,
		...(endTokens === null ? {} : { endTokens }),
		encode: async (text) => {
			const ids: number[] = [];
			const spans: { start: number; end: number }[] = [];
			for (let start = 0; start < text.length; ) {
				const id = known.findIndex((piece) => piece !== '' && text.startsWith(piece, start));
				const end = start + (id < 0 ? 1 : (known[id]?.length ?? 1));
				ids.push(id < 0 ? 1000 + text.charCodeAt(start) : id);
				spans.push({ start, end });
				start = end;
			}
			return { ids, spans };
		},
	};
}

const taskOf = (labels: readonly string[], more: Partial<Task> = {}): Task => ({
	id: 't',
	instruction: 'Which?',
	segmentTitles: { text: 'Text' },
	labels,
	verbalizers: Object.fromEntries(labels.map((label) => [label, label])),
	...more,
});

const header = 'A text.\n';

async function textsBy(model: LanguageModel, task: Task): Promise<Record<string, string[]>> {
	const found = await labelSpellings(model, task, header);
	return Object.fromEntries(found.map(({ label, spellings = [] }) => [label, spellings.map(({ text }) => text)]));
}

const nurses = ['nurse', ' nurse', 'Nurse', ' Nurse', 'surgeon', ' surgeon', 'Surg', ' Surgeon'];

/** How many tokens are read of each spelling. */
async function readBy(model: LanguageModel, task: Task): Promise<Record<string, number>> {
	const found = await labelSpellings(model, task, header);
	return Object.fromEntries(
		found.flatMap(({ spellings = [] }) => spellings.map(({ text, tokens }) => [text, tokens.length])),
	);
}

it('reads of every spelling as much as says as much of the label as the first token of the exact one', async () => {
	// `Surg` alone begins other answers, too.
	expect(await readBy(modelOf(nurses), taskOf(['nurse', 'surgeon']))).toEqual({
		nurse: 1,
		Nurse: 1,
		' nurse': 1,
		' Nurse': 1,
		surgeon: 1,
		Surgeon: 4,
		' surgeon': 1,
		' Surgeon': 1,
	});
});

it('counts the exact one alone where that is asked for', async () => {
	const task = taskOf(['nurse', 'surgeon'], { spellings: 'exact' });
	expect(await textsBy(modelOf(nurses), task)).toEqual({ nurse: ['nurse'], surgeon: ['surgeon'] });
});

it('reads a spelling on where it begins like one of another label', async () => {
	const model = modelOf(['nurse', 'neutral', 'N', 'urse', 'eutral', ' nurse', ' neutral']);
	expect(await readBy(model, taskOf(['nurse', 'neutral']))).toMatchObject({
		nurse: 1,
		Nurse: 2,
		Neutral: 2,
		' nurse': 1,
	});
	const short = modelOf(['n', 'N', 'neutral', ' neutral']);
	expect(await readBy(short, taskOf(['nurse', 'neutral']))).toMatchObject({ nurse: 1, Nurse: 2, Neutral: 7 });
});

it('follows a prefix after a space, and takes a single letter as it is', async () => {
	const model = modelOf(['Answer:', ' A', ' B', 'A', 'B', ' a', ' b']);
	const found = await labelSpellings(model, taskOf(['A', 'B'], { answerPrefix: 'Answer:' }), `${header}Answer:`);
	expect(found.map(({ spellings = [] }) => spellings.map(({ text }) => text))).toEqual([
		[' A', 'A'],
		[' B', 'B'],
	]);
});

it('reads labels with the same first token whole, and one that begins another with the end of the answer', async () => {
	const model = modelOf(['surgeon', ' surgeon', ' general', 'Surgeon', ' Surgeon'], [1, 7]);
	const [short, long] = await labelSpellings(model, taskOf(['surgeon', 'surgeon general']), header);
	const [plain] = (await model.encode('surgeon')).ids;
	const [general] = (await model.encode(' general')).ids;
	const tokensOf = (text: string, from = short): TokenIds[] =>
		(from?.spellings ?? []).filter((spelling) => spelling.text === text).map(({ tokens }) => tokens);
	expect(tokensOf('surgeon')).toEqual([
		[plain, 1],
		[plain, 7],
	]);
	expect(tokensOf('surgeon general', long)).toEqual([[plain, general]]);
	expect(tokensOf(' Surgeon')).toHaveLength(2);
});

it('refuses a label that begins another where no end is known, and leaves it to a model of other means', async () => {
	const task = taskOf(['surgeon', 'surgeon general']);
	await expect(labelSpellings(modelOf(nurses, []), task, header)).rejects.toThrow(
		'The label "surgeon" begins another one, so their first tokens do not tell them apart.',
	);
	expect((await labelSpellings(modelOf(nurses, null), task, header)).map(({ label }) => label)).toEqual(task.labels);
});

it('refuses a label that the tokenizer joins to the prompt', async () => {
	const model = modelOf(['\nyes', '\nno']);
	await expect(labelSpellings(model, taskOf(['yes', 'no']), header)).rejects.toThrow(
		'task "t", model "fake": the answer for label "yes" has no tokens of its own',
	);
});
