import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutSegment, exampleWords, segmentOf } from '../../core/example.ts';
import type { Example, Segment, Span } from '../../core/example.ts';
import type { Task } from '../../core/task.ts';
import { matchAnswer, scoresOfMatch, type MatchingOptions } from './matching.ts';
import type { AnswerMatch } from './matching.ts';

const task: Task = {
	id: 'bios',
	instruction: 'Which occupation has the person?',
	segmentTitles: { text: 'Text', premise: 'Premise', hypothesis: 'Hypothesis' },
	labels: ['surgeon', 'nurse'],
	verbalizers: { surgeon: 'surgeon', nurse: 'head nurse' },
};

const exampleOf = (...segments: Segment[]): Example => ({ id: 'e1', segments, label: null, annotations: [] });
const textOf = (text: string): Example => exampleOf(segmentOf('text', text));

/** A segment whose words are given, as a tokenised dataset gives them. */
function segmentWithWords(text: string, words: readonly string[]): Segment {
	let from = 0;
	const spans = words.map((word): Span => {
		const start = text.indexOf(word, from);
		from = start + word.length;
		return { start, end: from };
	});
	return { name: 'text', text, words: spans };
}

function match(items: readonly string[], example: Example, options: Partial<MatchingOptions> = {}): AnswerMatch {
	const answer = { items: items.map((text) => ({ text })), refusal: items.length === 0 };
	return matchAnswer(answer, task, example, { repeated: 'all', spelling: false, ...options });
}

const wordsOf = (result: AnswerMatch): number[] => result.matched.map(({ word }) => word);

describe('matchAnswer: normalisation', () => {
	it.each<[string, string, string, number[]]>([
		['case', 'Hip', 'a HIP', [1]],
		['outer punctuation', 'hip', 'a (hip), then', [1]],
		['curly quotes', 'hip', 'a “hip” now', [1]],
		['curly apostrophes', "don't", 'I don’t', [1]],
		['compatibility forms', 'office', 'the oﬃce', [1]],
		['case folding of ß', 'STRASSE', 'die Straße', [1]],
		['inner punctuation is kept', 'hip-bone', 'hip hip-bone', [1]],
		['symbols are kept', 'C', 'C++ and C', [2]],
		['punctuation alone', '!', 'run ! now !', [1, 3]],
		['a whole word only', 'hip', 'hips ship', []],
	])('%s', (_, item, text, expected) => {
		expect(wordsOf(match([item], textOf(text)))).toEqual(expected);
	});
});

describe('matchAnswer: texts without spaces', () => {
	const text = exampleOf(cutSegment('text', '她是一名外科医生，负责手术。'));

	it('match words, and phrases of several', () => {
		const words = exampleWords(text).map((word) => word.text);
		expect(wordsOf(match(['手术'], text))).toEqual([words.indexOf('手术。')]);
		expect(wordsOf(match(['外科医生'], text))).toEqual([words.indexOf('外科'), words.indexOf('医生，')]);
		expect(match(['护士'], text)).toMatchObject({ status: 'empty_match' });
	});
});

describe('matchAnswer: phrases', () => {
	it('matches words that follow one another, past punctuation', () => {
		const result = match(['hip, replacement'], textOf('hip bone, then " hip , replacement " surgery'));
		expect(wordsOf(result)).toEqual([4, 6]);
		expect(result).toMatchObject({ status: 'ok', splitPhrases: 0 });
	});

	it('matches four of five words of a phrase one by one and says so', () => {
		const result = match(['she does hip replacement surgery'], textOf('does she like surgery or hip'));
		expect(wordsOf(result)).toEqual([1, 0, 5, 3]);
		expect(result).toMatchObject({ status: 'ok', splitPhrases: 1, unmatched: [] });
	});

	it('counts a phrase as a hallucination when fewer than 80 % of its words occur', () => {
		const result = match(['does hip replacement surgery'], textOf('she does hip surgery'));
		expect(result).toMatchObject({ status: 'empty_match', splitPhrases: 0 });
	});

	it('does not match across segments', () => {
		const example = exampleOf(segmentOf('premise', 'a hip'), segmentOf('hypothesis', 'replacement b'));
		expect(match(['hip replacement'], example)).toMatchObject({ splitPhrases: 1 });
	});
});

describe('matchAnswer: words finer than white space', () => {
	const segment = segmentWithWords("I don't do hip-replacement, no.", [
		'I',
		'do',
		"n't",
		'do',
		'hip',
		'-',
		'replacement',
		',',
		'no',
		'.',
	]);

	it.each<[string, number[]]>([
		["don't", [1, 2]],
		['hip-replacement', [4, 6]],
		['hip', [4]],
		['do', [1, 3]],
		["don't do hip-replacement,", [1, 2, 3, 4, 6]],
		['replacement no', [6, 8]],
	])('finds %j', (item, words) => {
		expect(wordsOf(match([item], exampleOf(segment)))).toEqual(words);
	});
});

describe('matchAnswer: repeated words', () => {
	const text = textOf('hip and hip and knee');

	it('takes all places for a word list, and reports the ambiguity', () => {
		expect(match(['hip', 'knee'], text)).toMatchObject({
			matched: [
				{ word: 0, rank: 0 },
				{ word: 2, rank: 0 },
				{ word: 4, rank: 1 },
			],
			ambiguous: 1,
		});
	});

	it('takes one place per listing in reading order under `first`', () => {
		expect(wordsOf(match(['hip'], text, { repeated: 'first' }))).toEqual([0]);
		const twice = match(['hip', 'knee', 'HIP', 'hip'], text, { repeated: 'first' });
		expect(twice.matched).toEqual([
			{ word: 0, rank: 0 },
			{ word: 4, rank: 1 },
			{ word: 2, rank: 2 },
		]);
		expect(twice).toMatchObject({ status: 'ok', ambiguous: 0 });
	});

	it('keeps the best rank of a word named twice', () => {
		expect(match(['hip and', 'and'], text).matched.find(({ word }) => word === 1)).toEqual({ word: 1, rank: 0 });
	});
});

describe('matchAnswer: fields', () => {
	const example = exampleOf(segmentOf('premise', 'a man sleeps'), segmentOf('hypothesis', 'the man runs'));

	it('takes a word in both fields under `all`, in the first under `first`', () => {
		expect(wordsOf(match(['man'], example))).toEqual([1, 4]);
		expect(wordsOf(match(['man'], example, { repeated: 'first' }))).toEqual([1]);
	});

	it.each(['Hypothesis: man', 'hypothesis: "man"'])('keeps to the field an item names: %s', (item) => {
		expect(match([item], example)).toMatchObject({ matched: [{ word: 4 }], ambiguous: 0 });
	});

	it('does not look for a word of another field', () => {
		expect(match(['premise: runs'], example).status).toBe('empty_match');
	});
});

describe('matchAnswer: spelling', () => {
	const text = textOf('a replacement of hips');

	it('allows one edit in long words where asked to', () => {
		expect(match(['replacment'], text)).toMatchObject({ status: 'empty_match', respelled: 0 });
		expect(match(['replacment'], text, { spelling: true })).toMatchObject({ matched: [{ word: 1 }], respelled: 1 });
	});

	it('never changes short words or two letters', () => {
		expect(match(['hip'], text, { spelling: true }).status).toBe('empty_match');
		expect(match(['replacmnt'], text, { spelling: true }).status).toBe('empty_match');
	});

	it('prefers an exact match', () => {
		expect(wordsOf(match(['knees'], textOf('kneed knees'), { spelling: true }))).toEqual([1]);
	});
});

describe('matchAnswer: hallucinations and status', () => {
	it('tells words of the prompt from words from nowhere', () => {
		const result = match(['hip', 'surgeon', 'Head nurse', 'occupation', 'scalpel'], textOf('a hip'));
		expect(result.status).toBe('partial');
		expect(result.unmatched).toEqual([
			{ text: 'surgeon', kind: 'out_of_span' },
			{ text: 'Head nurse', kind: 'out_of_span' },
			{ text: 'occupation', kind: 'out_of_span' },
			{ text: 'scalpel', kind: 'not_in_text' },
		]);
	});

	it('prefers the text to the prompt', () => {
		expect(match(['surgeon'], textOf('the surgeon'))).toMatchObject({ status: 'ok', unmatched: [] });
	});

	it('tells an empty answer from one that matches nothing', () => {
		expect(match([], textOf('a hip')).status).toBe('no_rationale');
		expect(match(['knee'], textOf('a hip')).status).toBe('empty_match');
	});

	it('takes a lone "none" for no rationale unless the text contains it', () => {
		const answer = { items: [{ text: 'None' }], refusal: true };
		const options: MatchingOptions = { repeated: 'all', spelling: false };
		expect(matchAnswer(answer, task, textOf('a hip'), options).status).toBe('no_rationale');
		expect(matchAnswer(answer, task, textOf('none of them'), options)).toMatchObject({ status: 'ok' });
	});

	it('survives items without content', () => {
		expect(match(['', ' ', ':', 'text: '], textOf('a hip')).status).toBe('empty_match');
	});
});

describe('scoresOfMatch', () => {
	it('falls with the place in the list, hallucinations counted', () => {
		const result = match(['knee', 'scalpel', 'hip', 'a'], textOf('a hip and knee'));
		expect(scoresOfMatch(result, 4)).toEqual([0.25, 0.5, 0, 1]);
	});

	it('is all zero where nothing matched', () => {
		expect(scoresOfMatch(match([], textOf('a b')), 2)).toEqual([0, 0]);
	});
});

describe('matchAnswer: properties', () => {
	const words = fc.array(fc.stringMatching(/^[a-zA-Z',.!“’-]{1,6}$/u), { minLength: 1, maxLength: 12 });

	it('finds every word copied from the text', () => {
		fc.assert(
			fc.property(words, (list) => {
				const example = textOf(list.join(' '));
				const result = match(list, example);
				expect(result).toMatchObject({ status: 'ok', unmatched: [] });
				expect(wordsOf(result).toSorted((a, b) => a - b)).toEqual(exampleWords(example).map((_, number) => number));
			}),
		);
	});

	it('takes as many places as were listed under `first`', () => {
		fc.assert(
			fc.property(words, (list) => {
				expect(wordsOf(match(list, textOf(list.join(' ')), { repeated: 'first' }))).toHaveLength(list.length);
			}),
		);
	});
});
