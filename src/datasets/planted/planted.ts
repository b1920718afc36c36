/**
 * Ground-truth benchmark: texts written by a grammar that knows which words decide the label (docs/guides/planted-benchmark.md).
 * A grammar hands over texts with the deciding words in square brackets; this file turns them into examples.
 */
import { InternalError } from '../../core/errors.ts';
import { segmentOf, type Example, type Span } from '../../core/example.ts';
import { zip } from '../../core/present.ts';
import { seededRandom, type Random } from '../../core/random.ts';
import type { Task } from '../../core/task.ts';

export type PlantedSplit = 'train' | 'test';

/** An example whose single annotation (annotator `planted`) marks the words that decide the label. */
export interface PlantedExample extends Example {
	readonly label: string;
	/** The sentence patterns of all segments in order, joined by ` / `. */
	readonly template: string;
	/** True when train shows this wording never with this label. */
	readonly heldOut: boolean;
	/** The same text with all deciding words replaced, with the label it then has. */
	readonly counterfactual: Example;
	/**
	 * Where each deciding word is needed: one example per deciding word, in text order, with that word alone replaced,
	 * and the label it then has. Empty where one of several cues is enough.
	 */
	readonly singles: readonly Example[];
}

export interface PlantedGenerator {
	readonly id: string;
	readonly task: Task;
	/** All words of the grammar by slot kind; `frame` holds the words that the sentence patterns spell out. */
	readonly lexicon: Lexicon;
	/** Returns `count` texts that can be written, labels balanced; a smaller count gives the first of them. */
	plan(split: PlantedSplit, options: PlantedOptions): PlannedText[];
	/** Returns the planned texts as examples. */
	generate(split: PlantedSplit, options: PlantedOptions): PlantedExample[];
}

export interface PlantedOptions {
	readonly count: number;
	readonly seed: number;
}

/** Its label is known before it is written, so that a sample need not write all texts. */
export interface PlannedText {
	readonly label: string;
	readonly write: () => PlantedExample;
}

export type Lexicon = Readonly<Record<string, readonly string[]>>;

/** Other words for all deciding words, in text order over all segments, and the label of the text with them. */
export interface Rewording {
	readonly words: readonly string[];
	readonly label: string;
}

/** What a grammar writes: one text per segment, deciding words in square brackets. */
export interface Draft {
	readonly texts: readonly string[];
	readonly label: string;
	readonly template: string;
	readonly heldOut: boolean;
	readonly counterfactual: Rewording;
	readonly singles: readonly Rewording[];
}

export interface Grammar {
	readonly id: string;
	readonly task: Task;
	readonly segments: readonly string[];
	readonly lexicon: Lexicon;
	draft(label: string, random: Random): Draft;
}

const WORDS_PER_EXAMPLE = { least: 15, most: 45 } as const;
const DRAFTS_PER_EXAMPLE = 1000;

/** Returns the generator of a grammar. Example ids are `ID-SPLIT-NUMBER`, e.g. `planted-bios-test-00017`. */
export function plantedGenerator(grammar: Grammar): PlantedGenerator {
	const { id, task, lexicon } = grammar;
	const plan: PlantedGenerator['plan'] = (split, { count, seed }) =>
		Array.from({ length: count }, (_, index) => {
			const label = balancedLabel(task.labels, index, [seed, id, split]);
			const write = (): PlantedExample => {
				const draft = acceptedDraft(grammar, split, label, seededRandom(seed, id, split, index));
				return exampleOf(`${id}-${split}-${String(index).padStart(5, '0')}`, grammar.segments, draft);
			};
			return { label, write };
		});
	return { id, task, lexicon, plan, generate: (split, options) => plan(split, options).map(({ write }) => write()) };
}

/** Returns the label of example `index`: every block of as many examples as labels holds each label once, shuffled. */
function balancedLabel(labels: readonly string[], index: number, seed: readonly (string | number)[]): string {
	const block = Math.floor(index / labels.length);
	const label = seededRandom(...seed, 'labels', block).shuffle(labels)[index % labels.length];
	if (label === undefined) throw new InternalError(`no label for example ${index}`);
	return label;
}

/** Returns the first draft of a fitting length whose wording the split may show. */
function acceptedDraft(grammar: Grammar, split: PlantedSplit, label: string, random: Random): Draft {
	for (let attempt = 0; attempt < DRAFTS_PER_EXAMPLE; attempt++) {
		const draft = grammar.draft(label, random);
		const words = draft.texts.join(' ').split(' ').length;
		const fits = words >= WORDS_PER_EXAMPLE.least && words <= WORDS_PER_EXAMPLE.most;
		if (fits && !(split === 'train' && draft.heldOut)) return draft;
	}
	throw new InternalError(`${grammar.id}: no ${split} text for "${label}" in ${DRAFTS_PER_EXAMPLE} drafts`);
}

function exampleOf(id: string, names: readonly string[], draft: Draft): PlantedExample {
	const original = reworded(id, names, draft, null);
	const wordings = [draft.counterfactual, ...draft.singles].map((wording, number) =>
		reworded(`${id}~${number}`, names, draft, wording),
	);
	const [counterfactual, ...singles] = wordings;
	if (counterfactual === undefined) throw new InternalError(`${id}: no counterfactual`);
	const { label, template, heldOut } = draft;
	return { ...original, label, template, heldOut, counterfactual, singles };
}

/** Returns the draft as an example, its deciding words taken from `wording`, or as drafted where that is null. */
function reworded(id: string, names: readonly string[], draft: Draft, wording: Rewording | null): Example {
	let used = 0;
	const nextWord = (drafted: string): string => wording?.words[used++] ?? drafted;
	const texts = draft.texts.map((text) => unbracketed(text, nextWord));
	return {
		id,
		segments: zip(texts, names).map(([{ text }, name]) => segmentOf(name, text)),
		label: wording?.label ?? draft.label,
		annotations: [
			{
				annotator: 'planted',
				spans: texts.flatMap(({ spans }, segment) => spans.map((span) => ({ segment, span }))),
			},
		],
	};
}

/** Returns a text with each `[word]` replaced by `nextWord(word)`, and the spans of these words. */
function unbracketed(marked: string, nextWord: (drafted: string) => string): { text: string; spans: Span[] } {
	const spans: Span[] = [];
	let text = '';
	for (const piece of marked.split(/(\[[^\]]*\])/u)) {
		const deciding = piece.startsWith('[');
		const written = deciding ? nextWord(piece.slice(1, -1)) : piece;
		if (deciding) spans.push({ start: text.length, end: text.length + written.length });
		text += written;
	}
	return { text, spans };
}

/** Returns a word in lower case without punctuation. */
export function bareWord(word: string): string {
	return word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
