import picocolors from 'picocolors';
import { expect, test } from 'vitest';
import { testInput } from '../report/testInput.ts';
import { testStudy } from '../report/testStudy.ts';
import { renderHighlighted } from './highlight.ts';
import { renderSummary } from './summaryTable.ts';

const plain = picocolors.createColors(false);
const coloured = picocolors.createColors(true);

const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

test('the summary at 80 columns without colour', () => {
	expect(renderSummary(testInput(), { columns: 80, colours: plain })).toMatchInlineSnapshot(`
		"Planted biographies, test split

		tiny
		  accuracy 0.81 [0.73, 0.88], largest label share 0.40 [0.31, 0.50], n 100
		  evaluable
		                                token F1 chance          flip rate random excess
		  top_var: as many words as people marked
		  attention            0.25 [0.20, 0.30]   0.20  0.12 [0.06, 0.18]   0.10  +0.02
		  attn_lrp             0.55 [0.50, 0.60]   0.20  0.42 [0.36, 0.48]   0.10  +0.32
		  random               0.20 [0.15, 0.25]   0.20                  —      —      —
		  own: the words it named itself
		  prompt.unbound       0.48 [0.43, 0.53]   0.20  0.30 [0.24, 0.36]   0.10  +0.20
		  human                                —      —  0.35 [0.29, 0.41]   0.10  +0.25
		  own, token F1: n 94, 6 missing (prompt.unbound)
		  Masking: neutral token.

		flat
		  accuracy 0.34 [0.25, 0.44], largest label share 0.97 [0.93, 1.00], n 100
		  not evaluable: one label takes 0.97 of the predictions; the flip rates say
		  nothing
		                                token F1 chance          flip rate random excess
		  top_var: as many words as people marked
		  attention            0.22 [0.17, 0.27]   0.20 0.01 [−0.05, 0.07]   0.10  −0.09
		  own: the words it named itself
		  prompt.unbound                       —   0.20                  —      —      —
		  own, token F1: n 0, 100 missing; no answer could be read (prompt.unbound)
		  Masking: neutral token.

		Data rows that could not be used: 1 (label 1; see the report).
		"
	`);
});

test('methods without a flip rate are named above the others', () => {
	const { summary, ...input } = testInput();
	const isLrp = ({ method }: (typeof summary.rows)[number]): boolean => method === 'attn_lrp';
	const rows = summary.rows.map((row) => (isLrp(row) ? { ...row, value: null, ci95: null } : row));
	const said = renderSummary({ ...input, summary: { ...summary, rows } }, { columns: 80, colours: plain });
	expect(said).toContain('\n  evaluable\n  without a flip rate: AttnLRP\n');
});

test('texts without a prediction are counted, with the reason of the first', () => {
	const skipped = ['one', 'two'].map((example) => ({
		kind: 'skipped' as const,
		model: 'tiny',
		dataset: 'bios',
		split: 'test',
		epoch: null,
		cell: example,
		example,
		gold: null,
		reason: 'the prompt has 2000 tokens; the model reads 1024.',
		problem: example === 'one' ? ('too_long' as const) : ('nothing' as const),
	}));
	const text = renderSummary({ ...testInput(), records: skipped }, { columns: 80, colours: plain });
	expect(text).toContain(
		'Texts without a prediction: 2 (the prompt does not fit 1, an empty answer 1; see\nthe report). tiny, one: the prompt has 2000 tokens; the model reads 1024.',
	);
});

test('the summary at 62 columns leaves the intervals out', () => {
	expect(renderSummary(testInput(), { columns: 62, colours: plain })).toMatchInlineSnapshot(`
		"Planted biographies, test split

		tiny
		  accuracy 0.81 [0.73, 0.88], largest label share 0.40 [0.31,
		  0.50], n 100
		  evaluable
		                       token F1 chance flip rate random excess
		  top_var: as many words as people marked
		  attention                0.25   0.20      0.12   0.10  +0.02
		  attn_lrp                 0.55   0.20      0.42   0.10  +0.32
		  random                   0.20   0.20         —      —      —
		  own: the words it named itself
		  prompt.unbound           0.48   0.20      0.30   0.10  +0.20
		  human                       —      —      0.35   0.10  +0.25
		  own, token F1: n 94, 6 missing (prompt.unbound)
		  Masking: neutral token.

		flat
		  accuracy 0.34 [0.25, 0.44], largest label share 0.97 [0.93,
		  1.00], n 100
		  not evaluable: one label takes 0.97 of the predictions; the
		  flip rates say nothing
		                       token F1 chance flip rate random excess
		  top_var: as many words as people marked
		  attention                0.22   0.20      0.01   0.10  −0.09
		  own: the words it named itself
		  prompt.unbound              —   0.20         —      —      —
		  own, token F1: n 0, 100 missing; no answer could be read
		  (prompt.unbound)
		  Masking: neutral token.

		Data rows that could not be used: 1 (label 1; see the report).
		"
	`);
});

test.each([62, 80, 94, 120])('no line is longer than %i columns', (columns) => {
	expect(widest(renderSummary(testStudy({ examples: 2 }), { columns, colours: plain }))).toBeLessThanOrEqual(columns);
});

test('a wide terminal shows the interval of the excess', () => {
	expect(renderSummary(testInput(), { columns: 94, colours: plain })).toContain('+0.32 [0.24, 0.40]');
});

test('colour adds nothing but colour', () => {
	const text = renderSummary(testInput(), { columns: 80, colours: coloured });
	expect(text).toContain(coloured.red('  not evaluable: one label takes 0.97 of the predictions; the flip rates say'));
	// oxlint-disable-next-line no-control-regex
	expect(text.replace(/\u001b\[\d+m/g, '')).toBe(renderSummary(testInput(), { columns: 80, colours: plain }));
});

const words = ['She', 'performs', 'hip', 'replacement', 'surgery'];

test('without colour chosen words stand in brackets', () => {
	expect(renderHighlighted(words, { chosen: [2, 3], scores: [0, 0, 1, 1, -1] }, { colours: plain })).toBe(
		'She performs [hip] [replacement] surgery',
	);
});

test('without colour and choice high scores stand in brackets, strong evidence against in braces', () => {
	expect(renderHighlighted(words, { chosen: [], scores: [0, 0.3, 0.7, 1, -0.9] }, { colours: plain })).toBe(
		'She performs [hip] [[replacement]] {{surgery}}',
	);
});

test('in colour words are shaded by score, and chosen ones underlined', () => {
	const text = renderHighlighted(['hip', 'and'], { chosen: [0], scores: [1, 0] }, { colours: coloured });
	expect(text).toBe(`${coloured.bold(coloured.underline(coloured.bgYellow(coloured.black('hip'))))} and`);
});
