/** Answers with dimensions of the embeddings dropped, for Soft-NC and Soft-NS. */
import { itemAt, present, zip } from '../../core/present.ts';
import { probabilityMeasuresOf } from '../../evaluation/faithfulness/measures.ts';
import { minMaxScaled, retentionAt } from '../../evaluation/faithfulness/softMasking.ts';
import { softDraws } from '../../evaluation/faithfulness/softMeasures.ts';
import { firstTokensTellApart } from '../../llm/labelAnswers.ts';
import { answersFor, type LabelTokens } from '../../rationales/targets.ts';
import type { SoftRecord } from '../../records/records.ts';
import { predictionFrom } from './maskedPredictions.ts';
import type { SoftVariant } from '../../evaluation/faithfulness/softVariant.ts';
import type { ClassifiedExample, TaskModel, Explanation } from '../context.ts';
import type { RationaleSettings } from '../settings.ts';

/** Returns for each method and example what soft masking by the method's scores gives; null where no measure asks. */
export async function probeSoftly(
	taskModel: TaskModel,
	{ measures: ids, seed }: Pick<RationaleSettings, 'measures' | 'seed'>,
	explanations: readonly (readonly Explanation[])[],
	examples: readonly ClassifiedExample[],
): Promise<(SoftRecord | null)[][]> {
	const measures = probabilityMeasuresOf(ids);
	const variants = measures.flatMap(({ soft }) => soft ?? []);
	if (variants.length === 0) return explanations.map((row) => row.map(() => null));
	const columns: (SoftRecord | null)[][] = [];
	for (const [column, example] of examples.entries()) {
		columns.push(
			await probeExample(
				taskModel,
				variants,
				{ example, seed: `${seed} ${example.example.id}` },
				explanations.map((row) => row[column]),
			),
		);
	}
	return explanations.map((_, row) => columns.map((column) => itemAt(column, row)));
}

/** All methods in one call: they share the draws, and the beginning of the prompt. */
async function probeExample(
	taskModel: TaskModel,
	variants: readonly SoftVariant[],
	{ example, seed }: { readonly example: ClassifiedExample; readonly seed: string },
	explanations: readonly (Explanation | undefined)[],
): Promise<SoftRecord[]> {
	const problem = problemOf(taskModel);
	if (problem !== null) return explanations.map(() => ({ missing: problem }));
	const { ids, tokensOfWord } = example.prompt;
	const places = tokensOfWord
		.flatMap((tokens, word) => tokens.map((token) => ({ token, word })))
		.toSorted((a, b) => a.token - b.token);
	const explained = places.map(({ token }) => token);
	const words = places.map(({ word }) => word);
	const keepsOf = explanations.map((explanation) => keepsFor(explanation, variants, words));
	taskModel.step('mask');
	const score = async (keeps: readonly (readonly number[])[], draws: number): Promise<number[][]> => {
		if (keeps.length === 0) return [];
		const prompt = { ids, explained, keeps, draws, seed };
		const { answers, labelOf } = answersFor(readByFirstToken(taskModel.format.labels));
		const found = present(await taskModel.model.scoreSoftly?.([prompt], answers, labelOf), 'soft scores');
		return itemAt(found, 0).map((drawn) =>
			drawn.map((logProbabilities) => probabilityOfPredicted(taskModel, example, logProbabilities)),
		);
	};
	const empty = itemAt(itemAt(await score([explained.map(() => 0)], 1), 0), 0);
	const all = await score(
		keepsOf.flatMap((keeps) => ('missing' in keeps ? [] : keeps)),
		softDraws,
	);
	return keepsOf.map((keeps) => {
		if ('missing' in keeps) return keeps;
		const drawn = all.splice(0, keeps.length);
		return { empty, variants: zip(variants, drawn).map(([variant, draws]) => ({ ...variant, draws })) };
	});
}

function problemOf({ model, format }: TaskModel): string | null {
	if (format.task.reasoning?.masked === 'anew')
		return 'no thought can be written anew about embeddings that are masked in part';
	if (model.scoreSoftly === undefined) return 'the model’s embeddings cannot be reached';
	const exact = format.labels.map(({ tokens }) => tokens);
	return firstTokensTellApart(exact, [...exact.keys()]) ? null : 'two labels begin with the same token';
}

/** Soft masking reads one token after the prompt: spellings of which more is read are left out. */
function readByFirstToken(labels: readonly LabelTokens[]): LabelTokens[] {
	return labels.map(({ spellings, ...label }) => ({
		...label,
		...(spellings && { spellings: spellings.filter(({ tokens }, i) => i === 0 || tokens.length === 1) }),
	}));
}

/** Returns the keep probability of each explained token for each variant: its word's score, scaled to 0..1. */
function keepsFor(
	explanation: Explanation | undefined,
	variants: readonly SoftVariant[],
	words: readonly number[],
): number[][] | { readonly missing: string } {
	if (explanation === undefined || 'missing' in explanation) return { missing: 'no rationale' };
	const { scores, own } = explanation.attribution;
	if (scores === null || own !== null) return { missing: 'no scores' };
	const lowest = Math.min(...scores.filter((score) => score !== null));
	const scaled = minMaxScaled(words.map((word) => scores[word] ?? lowest));
	if ('missing' in scaled) return scaled;
	return variants.map(({ side, pi }) => {
		const keep = side === 'sufficiency' ? scaled : scaled.map((score) => 1 - score);
		return pi === null ? [...keep] : [...retentionAt(pi, keep).keep];
	});
}

function probabilityOfPredicted(
	{ format }: TaskModel,
	{ predicted }: ClassifiedExample,
	logProbabilities: readonly number[],
): number {
	const { labels } = format.task;
	return predictionFrom(labels, { logProbabilities })?.probabilities[itemAt(labels, predicted)] ?? NaN;
}
