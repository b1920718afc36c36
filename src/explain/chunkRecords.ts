/** The records of one chunk of examples, in the order of the plan. */
import { type Example, exampleWords } from '../core/example.ts';
import { entryOf, itemAt, present, zip } from '../core/present.ts';
import { methods } from '../rationales/methods.ts';
import { explain } from './explain.ts';
import type {
	PrecisionCheck,
	PredictionRecord,
	RationaleRecord,
	SkippedRecord,
	SoftRecord,
	StudyRecord,
} from '../records/records.ts';
import { checkPrecision, precisionSamples } from './masked/precisionCheck.ts';
import { type Searched, searchMasked } from './masked/searches.ts';
import { type MaskedRationale, maskedRationales, promptsOf } from './masked/maskedRationale.ts';
import { probeSoftly } from './masked/softMasking.ts';
import { type MaskedPredictions, predictionFrom, predictMasked } from './masked/maskedPredictions.ts';
import type { ClassifiedExample, ExplainContext, Explanation, Skipped, TaskFormat } from './context.ts';
import type { PlannedChunk, PlannedExample } from './chunk.ts';
import { beginningsOf, classify } from './classify.ts';
import { missingRationale, rationaleRecord } from './rationaleRecords.ts';
import type { LabelTokens } from '../rationales/targets.ts';
import type { RationaleSettings } from './settings.ts';

/** What all records of a setting begin with. */
export type RecordHead = Pick<StudyRecord, 'model' | 'dataset' | 'split' | 'epoch'>;

/** Returns the records of all cells of a chunk; the same inputs give the same records, byte for byte. */
export async function chunkRecords(
	context: ExplainContext,
	head: RecordHead,
	chunk: PlannedChunk,
): Promise<StudyRecord[]> {
	const { settings } = context;
	const outcomes = await classify(context, chunk);
	const found = await explainedExamples(
		context,
		outcomes.filter((outcome) => 'predicted' in outcome),
	);
	const samples = precisionSamples(context.model, settings, [...found.keys()]);
	const prompts = [...samples.flat(), ...[...found.values()].flatMap(({ masked }) => promptsOf(masked))];
	const predictions = await predictMasked(context, [...found.keys()], prompts);
	const checks = await checkPrecision(context, samples, predictions);
	const checkOf = new Map(zip([...found.keys()], checks));
	return zip(chunk.examples, outcomes).flatMap(([planned, outcome]): StudyRecord[] => {
		if ('skipped' in outcome) return skippedRecords(settings, head, planned, outcome);
		const explained = present(found.get(outcome), `explanation of example ${planned.example.id}`);
		return [
			predictionRecord(context.format, { ...head, ...keyOf(planned) }, outcome, entryOf(checkOf, outcome)),
			...rationaleRecords(context, head, planned, outcome, explained, predictions),
		];
	});
}

/** What is known of one example before its masked prompts are asked about; lists have an entry per method. */
interface ExplainedExample {
	readonly explanations: readonly Explanation[];
	readonly masked: readonly (MaskedRationale | null)[];
	readonly soft: readonly (SoftRecord | null)[];
	readonly searched: Searched | null;
}

async function explainedExamples(
	context: ExplainContext,
	examples: readonly ClassifiedExample[],
): Promise<Map<ClassifiedExample, ExplainedExample>> {
	const { settings } = context;
	const ofMethods = await explain(
		context,
		settings.methods.map((id) => methods[id]),
		examples,
	);
	const soft = await probeSoftly(context, settings, ofMethods, examples);
	const searched = await searchMasked(context, settings, examples);
	return new Map(
		examples.map((example, i) => {
			const explanations = ofMethods.map((row) => itemAt(row, i));
			const masked = maskedRationales(context, example, explanations);
			return [
				example,
				{ explanations, masked, soft: soft.map((row) => itemAt(row, i)), searched: itemAt(searched, i) },
			];
		}),
	);
}

/** Returns the records of a chunk over which the engine crashed. */
export function crashedChunk(
	settings: RationaleSettings,
	head: RecordHead,
	chunk: PlannedChunk,
	reason: string,
): StudyRecord[] {
	return chunk.examples
		.flatMap((planned) => skippedRecords(settings, head, planned, { skipped: reason }))
		.map((record) => ({ ...record, crashed: true }));
}

type Key = RecordHead & { readonly cell: string; readonly example: string };

function keyOf({ cell, example }: PlannedExample): { cell: string; example: string } {
	return { cell, example: example.id };
}

function predictionRecord(
	{ task: { labels }, labels: spelled }: TaskFormat,
	key: Key,
	classified: ClassifiedExample,
	check: PrecisionCheck | null,
): PredictionRecord {
	const { example, mass, prompt } = classified;
	return {
		kind: 'prediction',
		...key,
		segments: example.segments.map(({ name, text, words, cut }) => ({ name, text, words, ...(cut && { cut }) })),
		gold: example.label,
		prediction: itemAt(labels, classified.predicted),
		probabilities: present(predictionFrom(labels, classified), 'prediction').probabilities,
		mass: Number.isFinite(mass) ? mass : null,
		...beginningsOf(classified),
		spellings: spellingsOf(spelled),
		annotations: classified.annotations,
		...unjudgedWords(example),
		tokens: prompt.ids.length - thoughtTokensIn(classified),
		wordsWithoutTokens: classified.wordCount - classified.eligible.length,
		...(classified.thought === undefined ? {} : { thought: classified.thought.text }),
		...(check === null ? {} : { precisionCheck: check }),
	};
}

/** Returns what counts as an answer, by label; ends that tell it from a longer one are no other spelling. */
function spellingsOf(labels: readonly LabelTokens[]): Record<string, readonly string[]> {
	return Object.fromEntries(
		labels.map(({ label, spellings = [] }) => [label, [...new Set(spellings.map(({ text }) => text))]]),
	);
}

/** Masked texts may be made from a prompt with the thought in it. */
function thoughtTokensIn({ thought, answerPrompt }: ClassifiedExample): number {
	return answerPrompt === undefined ? (thought?.ids?.length ?? 0) : 0;
}

function unjudgedWords(example: Example): { unjudged?: readonly number[] } {
	const { unjudged = [] } = example;
	const words = exampleWords(example).flatMap(({ segment }, number) => (unjudged.includes(segment) ? [number] : []));
	return words.length === 0 ? {} : { unjudged: words };
}

function skippedRecords(
	settings: RationaleSettings,
	head: RecordHead,
	planned: PlannedExample,
	{ skipped: reason, problem }: Skipped,
): (SkippedRecord | RationaleRecord)[] {
	const skipped: SkippedRecord = {
		kind: 'skipped',
		...head,
		...keyOf(planned),
		gold: planned.example.label,
		reason,
		...(problem === undefined ? {} : { problem }),
	};
	const missing = zip(settings.methods, planned.rationaleCells).map(([method, cell]) => {
		return missingRationale({ ...head, cell, example: planned.example.id, method }, `no prediction: ${reason}`);
	});
	return [skipped, ...missing];
}

function rationaleRecords(
	{ settings, format }: ExplainContext,
	head: RecordHead,
	planned: PlannedExample,
	example: ClassifiedExample,
	{ explanations, masked, soft, searched }: ExplainedExample,
	predictions: MaskedPredictions,
): RationaleRecord[] {
	const label = itemAt(format.task.labels, example.predicted);
	return settings.methods.map((method, i) => {
		const key = { ...head, cell: itemAt(planned.rationaleCells, i), example: planned.example.id, method };
		const [explanation, asked] = [itemAt(explanations, i), itemAt(masked, i)];
		if ('missing' in explanation || asked === null) {
			return missingRationale(key, 'missing' in explanation ? explanation.missing : 'nothing was asked');
		}
		const beside = { soft: itemAt(soft, i), searched };
		return rationaleRecord(settings, key, explanation, asked, beside, { label, predictions });
	});
}
