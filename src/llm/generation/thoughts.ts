/** Labels and answers after a thought: the model writes it, and what it wrote stands between prompt and answer. */
import { answerProblems } from '../../core/answerProblem.ts';
import { UserError } from '../../core/errors.ts';
import { itemAt } from '../../core/present.ts';
import { beginsThought, endsThought, thoughtMarks, withoutThought } from '../../core/thought.ts';
import type {
	GeneratedTokens,
	GenerationOptions,
	LabelScores,
	LanguageModel,
	ScoringOptions,
	Thought,
	ThoughtOptions,
	TokenIds,
} from '../languageModel.ts';

/** What is needed of a model that thinks. */
type Thinker = Pick<LanguageModel, 'encode' | 'decode' | 'generate' | 'scoreLabels'>;

/** Tokens of the line feeds between a thought and the answer. */
const roomForBlanks = 4;

/**
 * Returns the scores of the labels after a thought about each prompt, with the thought; a problem where the thought does not
 * end. A model that does not think is scored at the end of the prompt. The tokens of the thought are fed back as they were
 * written, so nothing of it is read as a text of people is. Throws a `UserError` for blocked tokens: those who write
 * cannot be kept from reading.
 */
export async function scoreAfterThought(
	model: Thinker,
	prompts: readonly TokenIds[],
	labels: readonly TokenIds[],
	{ reasoning, ...options }: ScoringOptions & { readonly reasoning: ThoughtOptions },
): Promise<LabelScores[]> {
	if (options.blocked?.some(({ length }) => length > 0) === true) {
		throw new UserError(
			'masking "block_attention" cannot be used while a model thinks: a thought is written by a model that reads everything. ' +
				'Take masking "space" or "delete", or "reasoning: { masked: kept }".',
		);
	}
	const thoughts = await writeThoughts(model, prompts, reasoning);
	const numbers = [...prompts.keys()].filter((i) => thoughts[i] !== 'unfinished');
	const after = numbers.map((i) => withThought(itemAt(prompts, i), thoughts[i]));
	const scores = after.length === 0 ? [] : await model.scoreLabels(after, labels, options);
	const scoreAt = new Map(numbers.map((number, i) => [number, scores[i]]));
	const count = options.labelOf === undefined ? labels.length : Math.max(...options.labelOf) + 1;
	const nothing = { logProbabilities: Array.from({ length: count }, () => Number.NaN), mass: Number.NaN };
	return thoughts.map((thought, i) => {
		const scored: LabelScores = scoreAt.get(i) ?? { ...nothing, problem: unfinishedThought };
		return thought === null || thought === 'unfinished' ? scored : { ...scored, thought };
	});
}

/** Returns what the model answers after a thought about each prompt, with the thought; a problem where the thought does not end. */
export async function generateAfterThought(
	model: Thinker,
	prompts: readonly TokenIds[],
	{ reasoning, constraints, ...options }: GenerationOptions & { readonly reasoning: ThoughtOptions },
): Promise<GeneratedTokens[]> {
	const thoughts = await writeThoughts(model, prompts, reasoning);
	const numbers = [...prompts.keys()].filter((i) => thoughts[i] !== 'unfinished');
	const lists = constraints === undefined ? {} : { constraints: numbers.map((i) => itemAt(constraints, i)) };
	const after = prompts.map((prompt, i) => withThought(prompt, thoughts[i]));
	const answers =
		numbers.length === 0
			? []
			: await model.generate(
					numbers.map((i) => itemAt(after, i)),
					{ ...options, ...lists },
				);
	const answerAt = new Map(numbers.map((number, i) => [number, answers[i]]));
	return thoughts.map((thought, i) => {
		const answer: GeneratedTokens = answerAt.get(i) ?? { ids: [], ended: 'stop', problem: unfinishedThought };
		return thought === null || thought === 'unfinished' ? answer : { ...answer, thought };
	});
}

const unfinishedThought = {
	kind: answerProblems.unfinished_thought,
	detail: 'no answer: the thought did not end',
} as const;

function withThought(prompt: TokenIds, thought: Written | undefined): TokenIds {
	return thought == null || thought === 'unfinished' ? prompt : [...prompt, ...thought.ids];
}

/** A thought; null where the model answers at once. */
type Written = (Thought & { readonly ids: TokenIds }) | null | 'unfinished';

async function writeThoughts(
	model: Thinker,
	prompts: readonly TokenIds[],
	reasoning: ThoughtOptions,
): Promise<Written[]> {
	if (prompts.length === 0) return [];
	const marks = await markTokens(model);
	const answers = await model.generate(prompts, { maxNewTokens: reasoning.tokens + roomForBlanks });
	const thoughts: Written[] = [];
	for (const { ids } of answers) thoughts.push(await thoughtIn(model, ids, marks, reasoning));
	return thoughts;
}

/** Marks that are tokens of their own, which decoded texts may leave out. */
interface MarkTokens {
	readonly begins: ReadonlySet<number>;
	readonly ends: ReadonlySet<number>;
}

async function markTokens(model: Thinker): Promise<MarkTokens> {
	const single = async (marks: readonly string[]): Promise<Set<number>> => {
		const encoded = await Promise.all(marks.map((mark) => model.encode(mark)));
		return new Set(encoded.flatMap(({ ids }) => (ids.length === 1 ? ids : [])));
	};
	return { begins: await single(thoughtMarks.begins), ends: await single(thoughtMarks.ends) };
}

/** Returns the thought at the beginning of an answer, up to the first token of what follows it. */
async function thoughtIn(
	model: Thinker,
	ids: TokenIds,
	marks: MarkTokens,
	{ tokens, isOpened }: ThoughtOptions,
): Promise<Written> {
	const length = await lengthOfThought(model, ids, marks);
	if (length === null) {
		const [first] = ids;
		const begins = first !== undefined && marks.begins.has(first);
		const isBegun = isOpened || begins || beginsThought(await model.decode(ids));
		return isBegun ? 'unfinished' : null;
	}
	if (length > tokens) return 'unfinished';
	let end = length;
	while (end < ids.length && (await model.decode(ids.slice(end, end + 1))).trim() === '') end++;
	const said = await model.decode(ids.slice(0, length));
	return { text: endsThought(said) ? withoutThought(said, isOpened).thought : said.trim(), ids: ids.slice(0, end) };
}

/** Returns the number of tokens up to the first end of a thought, that end included; null where none ends. */
async function lengthOfThought(model: Thinker, ids: TokenIds, { ends }: MarkTokens): Promise<number | null> {
	const mark = ids.findIndex((id) => ends.has(id));
	if (mark >= 0) return mark + 1;
	if (!endsThought(await model.decode(ids))) return null;
	let [without, within] = [0, ids.length];
	while (within - without > 1) {
		const middle = Math.floor((without + within) / 2);
		if (endsThought(await model.decode(ids.slice(0, middle)))) within = middle;
		else without = middle;
	}
	return within;
}
