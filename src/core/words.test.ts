import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { whitespaceWords, wordsOf, type WordRule } from './words.ts';

const cut = (text: string, rule?: WordRule): string =>
	wordsOf(text, rule)
		.map(({ start, end }) => text.slice(start, end))
		.join('|');

describe('words', () => {
	it.each([
		['Chinese', '她是一名外科医生，负责手术。', '她是|一名|外科|医生，|负责|手术。'],
		['Japanese', '彼女は外科医で、手術を行います。', '彼女|は|外科医|で、|手術|を|行い|ます。'],
		['Thai', 'เธอเป็นศัลยแพทย์', 'เธอ|เป็น|ศัลยแพทย์'],
		['Khmer', 'ខ្ញុំជាគ្រូពេទ្យ', 'ខ្ញុំ|ជា|គ្រូពេទ្យ'],
		['Lao', 'ຂ້ອຍເປັນແພດ', 'ຂ້ອຍ|ເປັນ|ແພດ'],
		['Burmese', 'ကျွန်တော်ဆရာဝန်ဖြစ်ပါတယ်', 'ကျွန်တော်|ဆရာဝန်|ဖြစ်|ပါ|တယ်'],
		['a mixture', '我是 iPhone用户 (don’t ask).', '我是|iPhone|用户|(don’t|ask).'],
		['what opens goes with what follows', '他说：「医生」（北京）', '他|说：|「医生」|（北京）'],
		['punctuation alone', '。。。 我', '。。。|我'],
	])('of a script without spaces are those of the segmenter: %s', (_, text, words) => {
		expect(cut(text)).toBe(words);
	});

	it.each([
		['She runs a (well-known) practice.', 'She|runs|a|(well-known)|practice.'],
		['한국어는 띄어쓰기를 한다。', '한국어는|띄어쓰기를|한다。'],
		['Москва — столица, это так.', 'Москва|—|столица,|это|так.'],
		['a\u0085b\ufeffc\u001cd', 'a|b\ufeffc|d'],
	])('of other scripts stand between white space: %j', (text, words) => {
		expect(cut(text)).toBe(words);
	});

	it('are those of the segmenter everywhere, on request', () => {
		expect(cut('She runs a (well-known) practice.', 'segmenter')).toBe('She|runs|a|(well-|known)|practice.');
	});

	it('are disjoint, in order, and hold all that is no white space', () => {
		const letters = fc.string({ unit: fc.constantFrom(...'az .,“(一名外科医生，。「」สวัสดี\n'), maxLength: 30 });
		fc.assert(
			fc.property(letters, fc.constantFrom('spaces' as const, 'segmenter' as const), (text, rule) => {
				const found = wordsOf(text, rule);
				expect(found.every(({ start, end }, i) => start < end && start >= (found[i - 1]?.end ?? 0))).toBe(true);
				const joined = (spans: readonly { start: number; end: number }[]): string =>
					spans.map(({ start, end }) => text.slice(start, end)).join('');
				expect(joined(found)).toBe(joined(whitespaceWords(text)));
			}),
		);
	});
});
