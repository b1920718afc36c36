import { describe, expect, it } from 'vitest';
import { type Example, exampleWords, segmentOf } from '../../core/example.ts';
import { spreadOverWords, type UnitRule, unitsOf } from './units.ts';

function exampleOf(...texts: readonly string[]): Example {
	return { id: 'e', segments: texts.map((text, i) => segmentOf(`s${i}`, text)), label: null, annotations: [] };
}

/** Returns the units as texts. */
function unitTexts(rule: UnitRule, example: Example): string[] {
	const words = exampleWords(example);
	const units = unitsOf(rule, example, [...words.keys()]);
	return units.map((unit) => unit.map((word) => words[word]?.text).join(' '));
}

describe('unitsOf', () => {
	const two = exampleOf('One two three. Four five', 'Six seven');

	it.each<[UnitRule, string[]]>([
		['word', ['One', 'two', 'three.', 'Four', 'five', 'Six', 'seven']],
		['sentence', ['One two three.', 'Four five', 'Six seven']],
		['segment', ['One two three. Four five', 'Six seven']],
		[1, ['One', 'two', 'three.', 'Four', 'five', 'Six', 'seven']],
		[2, ['One two', 'three. Four', 'five', 'Six seven']],
		[9, ['One two three. Four five', 'Six seven']],
	])('by %s never crosses a segment', (rule, wanted) => {
		expect(unitTexts(rule, two)).toEqual(wanted);
	});

	it.each([
		['She left. He stayed? No! Yes', ['She left.', 'He stayed?', 'No!', 'Yes']],
		[
			'Dr. J. Smith treats children, e.g. in St. Mary. He rests.',
			['Dr. J. Smith treats children, e.g. in St. Mary.', 'He rests.'],
		],
		['The U.S. Army (est. 1775) came. "Stop." They did.', ['The U.S. Army (est. 1775) came.', '"Stop."', 'They did.']],
		['He said " stop . " Then he left .', ['He said " stop . "', 'Then he left .']],
		['A title\nThe text goes on', ['A title', 'The text goes on']],
		['It cost 3.5 million. 20 people paid.', ['It cost 3.5 million.', '20 people paid.']],
	])('finds the sentences of %j', (text, wanted) => {
		expect(unitTexts('sentence', exampleOf(text))).toEqual(wanted);
	});

	it('leaves out words without tokens, and units without words', () => {
		expect(unitsOf('word', two, [0, 2, 5])).toEqual([[0], [2], [5]]);
		expect(unitsOf('sentence', two, [1, 5, 6])).toEqual([[1], [5, 6]]);
		expect(unitsOf('word', exampleOf(''), [])).toEqual([]);
	});
});

describe('spreadOverWords', () => {
	it('keeps the sum and gives words in no unit nothing', () => {
		expect(spreadOverWords([3, -1], [[0, 1, 3], [4]], 6)).toEqual([1, 1, null, 1, -1, null]);
	});
});
