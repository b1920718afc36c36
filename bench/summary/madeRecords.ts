/** Records of a study that nobody ran: the sizes are those of a real one, the numbers are drawn. */
import { itemAt } from '../../src/core/present.ts';
import { type Random, seededRandom } from '../../src/core/random.ts';
import type { MaskedAnswers } from '../../src/evaluation/faithfulness/maskedProbabilities.ts';
import type { MaskedText } from '../../src/evaluation/faithfulness/maskedText.ts';
import { maskedTextsOf, type MeasureId, probabilityMeasuresOf } from '../../src/evaluation/faithfulness/measures.ts';
import { type MethodId, methods } from '../../src/rationales/methods.ts';
import type { PredictionRecord, RationaleRecord, SelectionRecord, StudyRecord } from '../../src/records/records.ts';

export interface MadeStudy {
	readonly datasets: readonly string[];
	readonly texts: number;
	readonly words: number;
	readonly labels: readonly string[];
	readonly methods: readonly MethodId[];
	readonly selections: readonly string[];
	readonly maskings: readonly string[];
	/** `flip_rate` alone, or with measures on probabilities. */
	readonly measures: readonly MeasureId[];
	/** Shares of the curve of flips. */
	readonly curve: readonly number[];
	/** Random choices of words per rationale. */
	readonly draws: number;
}

/** Yields the records of one dataset: each text's prediction, then what every method says about it. */
export function* madeRecords(study: MadeStudy, dataset: string): Generator<StudyRecord> {
	for (let text = 0; text < study.texts; text++) {
		const random = seededRandom('made', dataset, text);
		const prediction = predictionOf(study, dataset, text, random);
		yield prediction;
		for (const method of study.methods) yield rationaleOf(study, prediction, method, random);
	}
}

function predictionOf(study: MadeStudy, dataset: string, text: number, random: Random): PredictionRecord {
	const words = Array.from({ length: study.words }, (_, i) => ({ start: 6 * i, end: 6 * i + 5 }));
	const gold = random.pick(study.labels);
	const marked = random.sample([...words.keys()], 3 + random.integer(6));
	return {
		kind: 'prediction',
		cell: `${dataset} ${text}`,
		model: 'made',
		dataset,
		split: 'test',
		epoch: null,
		example: `${dataset}-${text}`,
		gold,
		segments: [{ name: 'text', text: words.map(() => 'plain').join(' '), words }],
		prediction: random.next() < 0.8 ? gold : random.pick(study.labels),
		probabilities: probabilities(study, random),
		mass: random.next(),
		annotations: [marked],
		tokens: 3 * study.words,
		wordsWithoutTokens: 0,
	};
}

function rationaleOf(
	study: MadeStudy,
	prediction: PredictionRecord,
	method: MethodId,
	random: Random,
): RationaleRecord {
	const { cell, model, dataset, split, epoch, example } = prediction;
	const isAsked = methods[method].declaration.family === 'prompting' || method === 'human';
	const scores = isAsked ? null : Array.from({ length: study.words }, () => random.normal());
	const selections = study.selections.filter((selection) => selection !== 'own' || isAsked);
	return {
		kind: 'rationale',
		cell: `${cell} ${method}`,
		model,
		dataset,
		split,
		epoch,
		example,
		method,
		scores,
		missing: null,
		answer: isAsked && method !== 'human' ? { raw: 'plain', status: 'ok', wrongLength: false, unmatched: [] } : null,
		selections: selections.map((selection) => selectionOf(study, selection, random)),
		curve: scores && study.curve.map((share) => ({ share, label: label(study, prediction, random) })),
		...(scores === null || !isProbed(study) ? {} : { answers: answersOf(study, ['rationale', 'scores'], random) }),
	};
}

function selectionOf(study: MadeStudy, selection: string, random: Random): SelectionRecord {
	const words = random.sample(
		Array.from({ length: study.words }, (_, i) => i),
		3 + random.integer(6),
	);
	const labels = (): string[] => Array.from({ length: study.draws }, () => random.pick(study.labels));
	return {
		selection,
		words,
		ties: 0,
		masked: byMasking(study, () => random.pick(study.labels)),
		control: byMasking(study, labels),
		...(isProbed(study) ? { answers: answersOf(study, ['choice'], random) } : {}),
	};
}

/** Answers about every masked text that the measures ask of a rationale, or of a choice of words. */
function answersOf(study: MadeStudy, askedOf: readonly MaskedText['askedOf'][], random: Random) {
	const texts = maskedTextsOf(probabilityMeasuresOf(study.measures)).filter((text) => askedOf.includes(text.askedOf));
	return byMasking(
		study,
		(): MaskedAnswers => Object.fromEntries(texts.map((text) => [text.name, answerTo(study, text, random)])),
	);
}

function answerTo(study: MadeStudy, text: MaskedText, random: Random): MaskedAnswers[string] {
	if (!('series' in text)) {
		return { label: random.pick(study.labels), probabilities: probabilities(study, random), mass: random.next() };
	}
	const count = text.askedOf === 'choice' ? study.draws : study.words;
	const each = Array.from({ length: count }, () => ({ label: random.pick(study.labels), probability: random.next() }));
	return { labels: each.map((one) => one.label), probabilities: each.map(({ probability }) => probability) };
}

function isProbed({ measures }: MadeStudy): boolean {
	return measures.some((measure) => measure !== 'flip_rate');
}

function byMasking<T>({ maskings }: MadeStudy, made: () => T): Record<string, T> {
	return Object.fromEntries(maskings.map((masking) => [masking, made()]));
}

function label(study: MadeStudy, { prediction }: PredictionRecord, random: Random): string {
	return random.next() < 0.6 ? prediction : random.pick(study.labels);
}

function probabilities({ labels }: MadeStudy, random: Random): Record<string, number> {
	const drawn = labels.map(() => random.next());
	const sum = drawn.reduce((total, value) => total + value, 0);
	return Object.fromEntries(labels.map((name, i) => [name, itemAt(drawn, i) / sum]));
}
