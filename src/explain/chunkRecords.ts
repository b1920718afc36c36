/** The records of one chunk of examples, in the order of the plan. */
import { InternalError } from '../core/errors.ts';
import { type Example, exampleWords } from '../core/example.ts';
import { seededRandom } from '../core/random.ts';
import { type MaskingId, maskings, maskWords } from '../rationales/masking.ts';
import { matchedMethod, methods } from '../rationales/methods.ts';
import { type SelectionId, selectWords } from '../rationales/selection.ts';
import { explain } from './explain.ts';
import type {
	BoundsRecord,
	PrecisionCheck,
	PredictionRecord,
	RationaleRecord,
	SelectionRecord,
	SkippedRecord,
	SoftRecord,
	StudyRecord,
} from '../records/records.ts';
import { checkPrecision } from './masked/precisionCheck.ts';
import { bestShare, probeRanking, probeSelection, type Probing } from './masked/maskedProbabilities.ts';
import { searchBounds } from './masked/aopcBounds.ts';
import { probeSoftly } from './masked/softMasking.ts';
import { predictionFrom, type Predict, withPredictions } from './masked/maskedPredictions.ts';
import {
	type ClassifiedExample,
	type ExplainContext,
	type Explanation,
	selectionContext,
	type Skipped,
} from './context.ts';
import type { PlannedChunk, PlannedExample } from './chunk.ts';
import { classify } from './classify.ts';

/** What all records of a setting begin with. */
export type RecordHead = Pick<StudyRecord, 'model' | 'dataset' | 'split' | 'epoch'>;

/** Returns the records of all cells of a chunk; the same inputs give the same records, byte for byte. */
export async function chunkRecords(
	context: ExplainContext,
	head: RecordHead,
	chunk: PlannedChunk,
): Promise<StudyRecord[]> {
	const outcomes = await classify(context, chunk);
	const asked = outcomes.filter((outcome) => 'predicted' in outcome);
	const chosen = context.settings.methods.map((id) => methods[id]);
	const explanations = await explain(context, chosen, asked);
	const soft = await probeSoftly(context, explanations, asked);
	const bounds = await searchBounds(context, asked);
	const checks = await checkPrecision(context, asked);
	return await withPredictions(context, asked, (predict) =>
		chunk.examples.flatMap((planned, i): StudyRecord[] => {
			const outcome = outcomes[i];
			if (outcome === undefined) throw new InternalError(`no outcome for example ${planned.example.id}`);
			if (!('predicted' in outcome)) return skippedRecords(context, head, planned, outcome);
			const column = asked.indexOf(outcome);
			const own = explanations.map((row) => row[column] as Explanation);
			return [
				predictionRecord(context, { ...head, ...keyOf(planned) }, outcome, checks[column] ?? null),
				...rationaleRecords(context, head, planned, outcome, own, predict).map((record, method) =>
					withBounds(withSoft(record, soft[method]?.[column] ?? null), bounds[column] ?? null),
				),
			];
		}),
	);
}

/** Returns the records of a chunk over which the engine crashed. */
export function crashedChunk(
	context: ExplainContext,
	head: RecordHead,
	chunk: PlannedChunk,
	reason: string,
): StudyRecord[] {
	return chunk.examples
		.flatMap((planned) => skippedRecords(context, head, planned, { skipped: reason }))
		.map((record) => ({ ...record, crashed: true }));
}

type Key = RecordHead & { readonly cell: string; readonly example: string };

function keyOf({ cell, example }: PlannedExample): { cell: string; example: string } {
	return { cell, example: example.id };
}

function predictionRecord(
	{ format }: ExplainContext,
	key: Key,
	asked: ClassifiedExample,
	check: PrecisionCheck | null,
): PredictionRecord {
	const { labels } = format.task;
	return {
		kind: 'prediction',
		...key,
		segments: asked.example.segments.map(({ name, text, words }) => ({ name, text, words })),
		gold: asked.example.label,
		prediction: labels[asked.predicted] ?? '',
		probabilities: predictionFrom(labels, asked)?.probabilities ?? {},
		mass: Number.isFinite(asked.mass) ? asked.mass : null,
		annotations: asked.annotations,
		...unjudgedWords(asked.example),
		tokens: asked.prompt.ids.length,
		wordsWithoutTokens: asked.wordCount - asked.eligible.length,
		...(check === null ? {} : { precisionCheck: check }),
	};
}

function unjudgedWords(example: Example): { unjudged?: readonly number[] } {
	const { unjudged = [] } = example;
	const words = exampleWords(example).flatMap(({ segment }, number) => (unjudged.includes(segment) ? [number] : []));
	return words.length === 0 ? {} : { unjudged: words };
}

function skippedRecords(
	{ settings }: ExplainContext,
	head: RecordHead,
	planned: PlannedExample,
	{ skipped: reason, problem }: Skipped,
): (SkippedRecord | RationaleRecord)[] {
	const skipped: SkippedRecord = {
		kind: 'skipped',
		...{ ...head, ...keyOf(planned), gold: planned.example.label, reason },
		...(problem === undefined ? {} : { problem }),
	};
	const missing = settings.methods.map((method, i) => {
		const cell = planned.rationaleCells[i] ?? '';
		return missingRationale({ ...head, cell, example: planned.example.id }, method, `no prediction: ${reason}`);
	});
	return [skipped, ...missing];
}

function withSoft(record: RationaleRecord, soft: SoftRecord | null): RationaleRecord {
	return soft === null || record.missing !== null ? record : { ...record, soft };
}

/** Only where there is an order of words to compare with the limits. */
function withBounds(record: RationaleRecord, bounds: Readonly<Record<string, BoundsRecord>> | null): RationaleRecord {
	const { probes } = record;
	if (bounds === null || probes === undefined || record.scores === null) return record;
	const entries = Object.entries(probes).map(([masking, probe]) => {
		const own = bounds[masking];
		return [masking, own === undefined ? probe : { ...probe, bounds: own }] as const;
	});
	return { ...record, probes: Object.fromEntries(entries) };
}

function missingRationale(key: Key, method: string, reason: string): RationaleRecord {
	return {
		kind: 'rationale',
		...key,
		method,
		scores: null,
		missing: reason,
		answer: null,
		selections: [],
		curve: null,
	};
}

function rationaleRecords(
	context: ExplainContext,
	head: RecordHead,
	planned: PlannedExample,
	asked: ClassifiedExample,
	explanations: readonly Explanation[],
	predict: Predict,
): RationaleRecord[] {
	const probing = { context, asked, predict };
	const promptedCount = promptedCountOf(context, explanations);
	return context.settings.methods.map((method, i) => {
		const key = { ...head, cell: planned.rationaleCells[i] ?? '', example: planned.example.id };
		const explanation = explanations[i] ?? { missing: 'nothing was computed' };
		if ('missing' in explanation) return missingRationale(key, method, explanation.missing);
		const { attribution, answer, diagnostics } = explanation;
		const probes = probeRanking(probing, attribution);
		return {
			kind: 'rationale',
			...key,
			method,
			scores: attribution.own === null ? attribution.scores : null,
			missing: null,
			answer,
			...(diagnostics === null ? {} : { diagnostics }),
			selections: context.settings.selections.flatMap((selection) =>
				selectionRecords(probing, explanation, selection, promptedCount),
			),
			curve: attribution.own === null ? curveOf(probing, explanation) : null,
			...(probes === null ? {} : { probes }),
		};
	});
}

type Explained = Exclude<Explanation, { readonly missing: string }>;

/** Returns the record of one selection, or none where it cannot be made. */
function selectionRecords(
	probing: Probing,
	{ attribution }: Explained,
	selection: SelectionId,
	promptedCount: number | null,
): SelectionRecord[] {
	const { context, asked, predict } = probing;
	const choice = selectWords(selection, attribution, { ...selectionContext(context, asked), promptedCount });
	if ('missing' in choice) return [];
	const draws = controlWords(context, asked, choice.words.length);
	const labels = (masking: MaskingId, sets: readonly (readonly number[])[]): string[] =>
		sets.flatMap((words) => predict(maskWords(maskings[masking], asked.prompt, words))?.label ?? []);
	const perMasking = <T>(value: (masking: MaskingId) => T[]): [MaskingId, T[]][] =>
		context.settings.maskings.map((masking) => [masking, value(masking)]);
	const masked = perMasking((masking) => labels(masking, [choice.words]));
	return [
		{
			selection,
			words: choice.words,
			ties: choice.ties,
			masked: Object.fromEntries(
				masked.flatMap(([masking, [label]]) => (label === undefined ? [] : [[masking, label]])),
			),
			control: Object.fromEntries(perMasking((masking) => labels(masking, draws))),
			...probeSelection(probing, choice.words, draws),
		},
	];
}

/** Returns how many words the rationale has whose length `matched` takes; null where there is none. */
function promptedCountOf({ settings }: ExplainContext, explanations: readonly Explanation[]): number | null {
	const method = matchedMethod(settings.methods);
	const explanation = method === null ? undefined : explanations[settings.methods.indexOf(method)];
	if (explanation === undefined || 'missing' in explanation) return null;
	return explanation.attribution.own?.length ?? null;
}

/** Returns the random words of each control draw: the same for all methods that choose as many words. */
function controlWords(
	{ settings }: ExplainContext,
	{ example, eligible }: ClassifiedExample,
	size: number,
): number[][] {
	return Array.from({ length: settings.controlDraws }, (_, draw) =>
		seededRandom(settings.seed, 'control', example.id, size, draw).sample(eligible, size),
	);
}

function curveOf(probing: Probing, { attribution }: Explained): { share: number; label: string }[] | null {
	const { context, asked, predict } = probing;
	const [masking] = context.settings.maskings;
	if (masking === undefined || context.settings.curve.length === 0) return null;
	return context.settings.curve.flatMap((share) => {
		const words = bestShare(probing, attribution, share);
		const answer = words && predict(maskWords(maskings[masking], asked.prompt, words));
		return answer === null ? [] : [{ share, label: answer.label }];
	});
}
