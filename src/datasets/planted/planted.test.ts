import { describe, expect, it } from 'vitest';
import { annotatedWords, exampleWords, type Example } from '../../core/example.ts';
import { seededRandom, type Random } from '../../core/random.ts';
import { plantedBios } from './bios.ts';
import { CUES, OCCUPATIONS, OTHER_PERSON } from './biosWords.ts';
import { plantedClaims } from './claims.ts';
import { ATTRIBUTES, OTHER_BUILDING } from './claimsWords.ts';
import { plantedNli } from './nli.ts';
import { DOMAINS, PICTURE } from './nliWords.ts';
import { bareWord, type Lexicon, type PlantedExample, type PlantedSplit } from './planted.ts';
import { readBiography, readClaim, readPair } from './readers.ts';

const FILLERS = ['something', 'indeed', 'thing'];
const REPLACEMENTS_PER_KIND = 4;

const TASKS = [
	{ generator: plantedBios, read: readBiography, markers: Object.values(OTHER_PERSON).flat() },
	{ generator: plantedNli, read: readPair, markers: Object.values(PICTURE).flat() },
	{ generator: plantedClaims, read: readClaim, markers: Object.values(OTHER_BUILDING).flat() },
];

const textsOf = (example: Example): string[] => example.segments.map(({ text }) => text);

/** Returns the words that may stand in the place of `word`: fillers and some words of each slot kind it belongs to. */
function substitutes(word: string, lexicon: Lexicon, random: Random): string[] {
	const kinds = Object.values(lexicon).filter((list) => list.some((known) => bareWord(known) === bareWord(word)));
	return [...FILLERS, ...kinds.flatMap((list) => random.sample(list, REPLACEMENTS_PER_KIND))];
}

/** Returns the segment texts with one word replaced, its punctuation kept. */
function withWord(example: Example, number: number, substitute: string): string[] {
	const word = exampleWords(example)[number];
	return example.segments.map(({ text }, index) =>
		index !== word?.segment
			? text
			: text.slice(0, word.span.start) + word.text.replace(/[\p{L}\p{N}]+/u, substitute) + text.slice(word.span.end),
	);
}

const missing = (wanted: ReadonlySet<string>, found: ReadonlySet<string>): string[] =>
	[...wanted].filter((word) => !found.has(word));

function decidingWords(example: PlantedExample): string[] {
	const words = exampleWords(example);
	return example.annotations.flatMap((annotation) =>
		annotatedWords(example, annotation).map((number) => bareWord(words[number]?.text ?? '')),
	);
}

describe.each(TASKS)('$generator.id', ({ generator, read, markers }) => {
	const examples = generator.generate('test', { count: 300, seed: 11 });
	const sample = (split: PlantedSplit, count: number) => generator.generate(split, { count, seed: 3 });

	it('tells the gold label by its words', () => {
		for (const example of examples) expect(read(textsOf(example)), textsOf(example).join(' | ')).toBe(example.label);
	});

	it('changes the label when the deciding words are replaced, all or one', () => {
		for (const example of examples) {
			for (const other of [example.counterfactual, ...example.singles]) {
				expect(other.label).not.toBe(example.label);
				expect(read(textsOf(other)), textsOf(other).join(' | ')).toBe(other.label);
			}
		}
	});

	it('keeps the label when any other word is replaced', () => {
		const random = seededRandom('property');
		for (const example of examples) {
			const fixed = new Set(example.annotations.flatMap((annotation) => annotatedWords(example, annotation)));
			for (const [number, { text }] of exampleWords(example).entries()) {
				if (fixed.has(number)) continue;
				for (const substitute of substitutes(text, generator.lexicon, random)) {
					const texts = withWord(example, number, substitute);
					if (read(texts) !== example.label) {
						expect.fail(`${texts.join(' | ')}: "${text}" -> "${substitute}": ${read(texts)}, not ${example.label}`);
					}
				}
			}
		}
	});

	it('replaces exactly the annotated words', () => {
		for (const example of examples) {
			const before = exampleWords(example);
			const deciding = example.annotations.flatMap((annotation) => annotatedWords(example, annotation));
			const changed = (other: Example): number[] =>
				exampleWords(other).flatMap(({ text }, number) => (text === before[number]?.text ? [] : [number]));
			expect(changed(example.counterfactual)).toEqual(deciding);
			const singles = example.singles.map(changed);
			expect(singles).toEqual(singles.length === 0 ? [] : deciding.map((number) => [number]));
		}
	});

	it('has few deciding words in short texts of known words', () => {
		const known = new Set(Object.values(generator.lexicon).flat().map(bareWord));
		for (const example of examples) {
			const words = exampleWords(example);
			expect(words.length).toBeGreaterThanOrEqual(15);
			expect(words.length).toBeLessThanOrEqual(45);
			expect(decidingWords(example).length).toBeGreaterThanOrEqual(1);
			expect(decidingWords(example).length).toBeLessThanOrEqual(5);
			expect(words.filter(({ text }) => !known.has(bareWord(text)))).toEqual([]);
			expect(textsOf(example).join(' ')).not.toMatch(/\ba [aeio]|\ban |[{}[\]]| {2}/iu);
		}
	});

	it('says markers and values of domains nowhere but in their slots', () => {
		const { frame = [], ...lists } = generator.lexicon;
		for (const marker of markers) if (marker !== 'her' && marker !== 'his') expect(frame).not.toContain(marker);
		const domains = new Set([...DOMAINS, ...ATTRIBUTES].map(({ name }) => name));
		const values = [...domains, 'object', 'service'].flatMap((name) => lists[name] ?? []).map(bareWord);
		expect(values.filter((value) => frame.includes(value))).toEqual([]);
		expect(new Set(values).size).toBe(values.length);
	});

	it('is balanced, numbered and repeatable', () => {
		const train = sample('train', 300);
		const counts = generator.task.labels.map((label) => train.filter((example) => example.label === label).length);
		expect(new Set(counts).size).toBe(1);
		expect(train[17]?.id).toBe(`${generator.id}-train-00017`);
		expect(sample('train', 300)).toEqual(train);
		expect(sample('train', 20)).toEqual(train.slice(0, 20));
		expect(generator.generate('train', { count: 300, seed: 4 })[0]).not.toEqual(train[0]);
	});

	it('varies: no template in more than 2 % of the examples, no test text in train', () => {
		const test = sample('test', 500);
		const counts = new Map<string, number>();
		for (const { template } of test) counts.set(template, (counts.get(template) ?? 0) + 1);
		expect(Math.max(...counts.values()) / test.length).toBeLessThanOrEqual(0.02);
		const train = new Set(sample('train', 2000).map((example) => textsOf(example).join('|')));
		expect(test.filter((example) => train.has(textsOf(example).join('|')))).toEqual([]);
	});

	it('shows every deciding word and every pattern of test in train, but not every combination', () => {
		const train = sample('train', 6000);
		const test = sample('test', 500);
		const patterns = (list: readonly PlantedExample[]) =>
			new Set(list.flatMap(({ template }) => template.split(' / ')));
		expect(missing(patterns(test), patterns(train))).toEqual([]);
		const cues = (list: readonly PlantedExample[]) => new Set(list.flatMap(decidingWords));
		expect(missing(cues(test), cues(train))).toEqual([]);
		expect(train.filter(({ heldOut }) => heldOut)).toEqual([]);
		expect(test.filter(({ heldOut }) => heldOut).length / test.length).toBeGreaterThan(0.1);
	});
});

describe('cues of planted-bios', () => {
	it('have words of which none decides alone', () => {
		for (const position of [0, 1] as const) {
			const words = new Set(OCCUPATIONS.flatMap((occupation) => CUES[occupation].map((cue) => cue[position])));
			for (const word of words) {
				const told = OCCUPATIONS.filter((occupation) => CUES[occupation].some((cue) => cue[position] === word));
				expect(told.length, word).toBeGreaterThanOrEqual(2);
			}
		}
	});

	it('tell one occupation each', () => {
		const all = OCCUPATIONS.flatMap((occupation) => CUES[occupation].map((cue) => cue.join(' ')));
		expect(new Set(all).size).toBe(all.length);
		for (const occupation of OCCUPATIONS) expect(CUES[occupation].length).toBeGreaterThanOrEqual(15);
	});
});
