import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatWordList, parseWordList } from './answerParsing.ts';

const textsOf = (answer: string): string[] => parseWordList(answer).items.map((item) => item.text);

describe('parseWordList', () => {
	it.each<[string, string, string[]]>([
		['a JSON array', '["hip", "replacement"]', ['hip', 'replacement']],
		['an array in a fence', 'Sure:\n```json\n["hip",\n "knee"]\n```\nDone.', ['hip', 'knee']],
		['the last array', '["a"] or rather ["b", "c"]', ['b', 'c']],
		['an array before a citation', '["hip"] as in [1]', ['hip']],
		['brackets inside strings', '["a]", "[b"]', ['a]', '[b']],
		['escaped quotes', String.raw`["say \"hi\""]`, ['say "hi"']],
		['numbers that are words', '["in", 1999]', ['in', '1999']],
		['a broken array after a good one', '["hip"] and ["kn', ['hip']],
		['an array that was cut off', '["hip", "replacement", "su', ['hip', 'replacement']],
		['single quotes', "['hip', 'don't', 'knee']", ['hip', "don't", 'knee']],
		['an array without quotes', '[hip, knee]', ['hip', 'knee']],
		['bullets', 'The words are:\n- hip\n* knee\n• joint', ['hip', 'knee', 'joint']],
		['numbers', '1. hip - a joint\n2) knee: another\n(3) joint (both)', ['hip', 'knee', 'joint']],
		['quoted bullets', '1. "hip": because\n2. **“knee”** (a joint)', ['hip', 'knee']],
		['quoted items', 'I chose “hip” and "knee replacement".', ['hip', 'knee replacement']],
		['a comma list after a colon', 'The words: hip, knee, and joint.', ['hip', 'knee', 'joint']],
		['a comma list alone', 'hip, knee and joint', ['hip', 'knee', 'joint']],
		['lines', 'hip\nknee', ['hip', 'knee']],
		['a time of day', 'Words: 10:30, train', ['10:30', 'train']],
		['prose', 'This person obviously treats patients in a hospital every day', []],
	])('reads %s', (_, answer, words) => {
		expect(textsOf(answer)).toEqual(words);
	});

	it('reads scores', () => {
		expect(parseWordList('[["hip", 0.9], {"word": "knee", "score": -1}, {"word": "joint"}]').items).toEqual([
			{ text: 'hip', score: 0.9 },
			{ text: 'knee', score: -1 },
			{ text: 'joint' },
		]);
	});

	it.each(['', '  ', '[]', '```json\n[]\n```', 'None', '(none)', 'N/A.', "I'm sorry, but I cannot do that, or this."])(
		'takes %j for a refusal',
		(answer) => {
			expect(parseWordList(answer).refusal).toBe(true);
		},
	);

	it('keeps a lone "none", which may be a word of the text', () => {
		expect(parseWordList('["None"]')).toEqual({ items: [{ text: 'None' }], refusal: true });
		expect(parseWordList('["None", "of"]').refusal).toBe(false);
	});

	it('reads back what our prompts ask for', () => {
		const word = fc.stringMatching(/^\S+$/u);
		fc.assert(
			fc.property(fc.array(word, { minLength: 1 }), fc.string(), (words, before) => {
				fc.pre(!/["[`]/u.test(before) && !words.some((text) => text.includes('```')));
				expect(textsOf(`${before} ${formatWordList(words)}`)).toEqual(words);
			}),
		);
	});

	it('never throws', () => {
		fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseWordList(text)));
	});
});

it('formats a list as the tiny models learn it', () => {
	expect(formatWordList(['hip', 'replacement'])).toBe('["hip", "replacement"]');
});
