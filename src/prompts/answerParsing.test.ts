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

describe('brackets', () => {
	it.each([
		['unclosed', '['.repeat(200_000)],
		['nested', '['.repeat(100_000) + ']'.repeat(100_000)],
		['quoted', '[\\"'.repeat(70_000)],
	])('of an answer that is nothing else are read in a moment: %s', (_, answer) => {
		expect(parseWordList(answer)).toBeDefined();
	});

	it('close where they do when each is looked at by itself', () => {
		/** Where a bracket closes, read from it on. */
		const closing = (text: string, start: number): number => {
			let [depth, quoted] = [0, false];
			for (let i = start; i < text.length; i++) {
				if (quoted && text[i] === '\\') i++;
				else if (text[i] === '"') quoted = !quoted;
				else if (!quoted && text[i] === '[') depth++;
				else if (!quoted && text[i] === ']' && --depth === 0) return i;
			}
			return -1;
		};
		const isJson = (text: string): boolean => {
			try {
				JSON.parse(text);
				return true;
			} catch {
				return false;
			}
		};
		const lastWord = (text: string): string | undefined => {
			let last: string | undefined;
			for (let start = text.indexOf('['); start >= 0; ) {
				const end = closing(text, start);
				const isList = end > 0 && /^\["w\d*"\]$/u.test(text.slice(start, end + 1));
				// A list of other items, such as [""].
				if (end > 0 && !isList && isJson(text.slice(start, end + 1))) return undefined;
				if (isList) last = text.slice(start + 2, end - 1);
				start = text.indexOf('[', isList ? end + 1 : start + 1);
			}
			return last;
		};
		const pieces = fc.array(fc.constantFrom('[', ']', '"', '\\', '\\"', '["w1"]', '["w2"]', 'x '), { maxLength: 14 });
		const holds = (parts: string[]): void => {
			const text = `${parts.join('')} ["w3"`;
			const expected = lastWord(text);
			fc.pre(expected !== undefined && !/\[(?:\[|\]|\s|"")/u.test(text));
			expect(textsOf(text)).toEqual([expected]);
		};
		fc.assert(fc.property(pieces, holds), { numRuns: 500, examples: [[['["w1"]', '[', '"', '"', ']']]] });
	});
});
