import { describe, expect, test } from 'vitest';
import { renderReport } from './report.ts';
import type { ReportInput } from './reportInput.ts';
import { styleSheet } from './style.ts';
import { testInput, testPrediction, testRow } from './testInput.ts';
import { readMarkup } from './testMarkup.ts';
import { testStudy } from './testStudy.ts';
import { cutSegment } from '../core/example.ts';
import type { StudyRecord } from '../records/records.ts';
import type { SummaryRow } from '../records/summaryRows.ts';

const page = renderReport(testInput());

/** Returns the input with other rows in its summary. */
function withRows(rows: readonly SummaryRow[]): ReportInput {
	const input = testInput();
	return { ...input, summary: { ...input.summary, rows } };
}

/** Returns the text of a page without its tags. */
function textOf(markup: string): string {
	return markup
		.replace(/<style>[^<]*<\/style>/, '')
		.replace(/<[^>]*>/g, ' ')
		.replace(/\s+/g, ' ');
}

describe('the file', () => {
	test('is well-formed, runs nothing and loads nothing', () => {
		const tags = readMarkup(page);
		expect(tags.map(({ name }) => name)).not.toContain('script');
		for (const { attributes } of tags) {
			expect([...attributes.keys()].filter((name) => name.startsWith('on') || name === 'src')).toEqual([]);
			expect(attributes.get('href') ?? '#').toMatch(/^#/);
		}
		expect(styleSheet).not.toMatch(/url\(|@import|</);
	});

	test('is the same for the same input', () => {
		expect(renderReport(testInput())).toBe(page);
	});

	test('of six settings and nine methods stays below 1.5 MB', () => {
		const large = renderReport(testStudy());
		expect(Buffer.byteLength(large)).toBeLessThan(1_500_000);
		readMarkup(large);
	});

	test('of a study without any result can be written', () => {
		const empty = { ...withRows([]), records: [], badRows: [], verdicts: [], answerRates: [] };
		expect(readMarkup(renderReport(empty)).length).toBeGreaterThan(10);
	});
});

describe('comparisons', () => {
	test('show the difference, its tests and how many examples it takes; none for a collapsed model', () => {
		const text = textOf(page);
		expect(text).toContain('1 of 1 pair differ clearly');
		expect(text).toContain('AttnLRP Attention +0.30 [0.21, 0.38] 0.001 0.003 0.70 100 0 missing 17');
		expect(text).toMatch(/Excess flip rate, flat, [^.]*not evaluable: one label takes 0.97/);
		expect(text).toContain('Do the maskings agree?');
	});

	test('have no section where nothing was compared', () => {
		expect(renderReport(withRows([testRow({})]))).toContain('Do the methods differ?');
		const { summary, ...input } = testInput();
		const { comparisons: _, ...older } = summary;
		expect(renderReport({ ...input, summary: older })).not.toContain('Do the methods differ?');
	});
});

describe('for those who do not see it', () => {
	const tags = readMarkup(page);

	test('every figure has a name, every table a caption, every heading cell a scope', () => {
		const figures = tags.filter(({ name, attributes }) => name === 'svg' && attributes.get('aria-hidden') !== 'true');
		expect(figures.length).toBeGreaterThan(3);
		for (const { attributes } of figures) {
			expect(attributes.get('role')).toBe('img');
			expect(attributes.get('aria-label')).not.toBe('');
		}
		const count = (wanted: string): number => tags.filter(({ name }) => name === wanted).length;
		expect(count('caption')).toBe(count('table'));
		expect(tags.filter(({ name, attributes }) => name === 'th' && !attributes.has('scope'))).toEqual([]);
	});

	test('headings skip no level, links lead somewhere', () => {
		const levels = tags.flatMap(({ name }) => (/^h[1-6]$/.test(name) ? [Number(name[1])] : []));
		levels.slice(1).forEach((level, i) => expect(level - (levels[i] ?? 0)).toBeLessThanOrEqual(1));
		const ids = new Set(tags.map(({ attributes }) => attributes.get('id')));
		for (const { attributes } of tags)
			if (attributes.has('href')) expect(ids).toContain(attributes.get('href')?.slice(1));
	});

	test('text colours have a contrast of at least 4.5 in both themes', () => {
		for (const theme of styleSheet.split('@media (prefers-color-scheme: dark)').slice(0, 2)) {
			const colour = (name: string): string => new RegExp(`--${name}: (#[0-9a-f]+);`).exec(theme)?.[1] ?? '';
			for (const name of ['ink', 'quiet', 'link', 'warn']) {
				for (const ground of ['paper', 'panel']) expect(contrast(colour(name), colour(ground))).toBeGreaterThan(4.5);
			}
			expect(contrast(colour('mark-ink'), colour('mark'))).toBeGreaterThan(4.5);
		}
	});
});

describe('what it says', () => {
	const text = textOf(page);

	test('the best aligned method, with its numbers', () => {
		expect(text).toContain('Best aligned: AttnLRP (top_var), token F1 0.55 [0.50, 0.60] (n 100, 0.20 by chance).');
		expect(text).toContain('The intervals of 1 of the 2 other choices overlap with it.');
	});

	test('beside the best method those that have no number', () => {
		const flips = {
			method: 'attn_lrp',
			selection: 'top_var',
			masking: 'neutral',
			value: 0.3,
			ci95: [0.2, 0.4],
		} as const;
		const rows = ['flip_rate', 'flip_rate.excess'].map((metric) => testRow({ ...flips, metric }));
		const unmeasured = testRow({ ...flips, metric: 'flip_rate.excess', method: 'attention', value: null, ci95: null });
		const said = textOf(renderReport(withRows([...rows, unmeasured])));
		expect(said).toContain('Masking the words of AttnLRP (top_var) changes the prediction most often');
		expect(said).toContain('Not measured: Attention, Prompt, unbound.');
	});

	test('no winner where the highest interval includes chance', () => {
		const row = testRow({
			metric: 'token_f1.macro',
			method: 'attention',
			selection: 'top_var',
			value: 0.22,
			ci95: [0.15, 0.3],
			chance: 0.2,
		});
		expect(textOf(renderReport(withRows([row])))).toContain('No method is clearly better than random words');
	});

	test('which faithfulness figures cannot be judged, and why', () => {
		expect(text).toContain('Cannot be judged: one label takes 0.97 of the predictions.');
		expect(text).toContain('✕ not evaluable: one label takes 0.97 of the predictions');
		expect(page).toContain('<td class="muted"><b>0.01</b>');
	});

	test('a missing number is a dash with its reason, never zero', () => {
		expect(text).toContain('— n 0 · 100 missing · chance 0.20 no answer could be read');
		expect(text).toContain('— n 100 · 0 missing no annotation marks every word');
	});

	test('what happened to an example without the words', () => {
		expect(page).toContain('<mark class="for3">hip</mark>');
		expect(page).toContain('<span class="against1">paints.</span>');
		expect(text).toContain('neutral token: flips to nurse random words: 1 of 2 draws flip');
		expect(text).toContain('No rationale: the model hands out no attention');
		expect(text).toContain('not in the text: scalpel');
	});

	test('texts without a prediction only where there are some, counted by what came instead', () => {
		expect(page).not.toContain('id="unanswered"');
		const input = testInput();
		const [{ model, dataset }] = input.records as [(typeof input.records)[0]];
		const skipped = ['one', 'two'].map((example) => ({
			kind: 'skipped' as const,
			cell: example,
			model,
			dataset,
			split: 'test',
			epoch: null,
			example,
			gold: null,
			reason: 'the answer is prose: "I think so"',
			problem: 'prose' as const,
		}));
		const text = renderReport({ ...input, records: [...input.records, ...skipped] });
		readMarkup(text);
		expect(text).toMatch(/text that gives no label<\/td><td>2<\/td>\s*<td>one: the answer is prose/u);
	});

	test('a course only where there are epochs', () => {
		expect(page).not.toContain('id="epochs"');
		const rows = [0, 1, 2].map((epoch) => testRow({ epoch, value: 0.5 + epoch / 10 }));
		const trained = renderReport(withRows(rows));
		readMarkup(trained);
		expect(trained).toContain('accuracy: 0.50 at 0, 0.60 at 1, 0.70 at 2');
	});
});

test('hostile text stays text, wherever it stands', () => {
	const attack = `</title></style><img src=x onerror=alert(1)>"'>&lt;<script>alert(1)</script>`;
	const kept = new Set([
		'kind',
		'family',
		'needs',
		'better',
		'level',
		'aggregation',
		'metric',
		'subset',
		'status',
		'schema',
	]);
	const poison = (value: unknown, key: string): unknown => {
		if (typeof value === 'string') return kept.has(key) ? value : value + attack;
		if (Array.isArray(value)) return value.map((inner) => poison(inner, key));
		if (value === null || typeof value !== 'object') return value;
		const isRecord = ['probabilities', 'masked', 'control', 'startedWith'].includes(key);
		return Object.fromEntries(
			Object.entries(value).map(([name, inner]) => [isRecord ? name + attack : name, poison(inner, name)]),
		);
	};
	const input = testInput();
	const poisoned = poison(input, '') as ReportInput;
	const metrics = poisoned.study.metrics.map((metric, i) => ({ ...metric, id: input.study.metrics[i]?.id ?? '' }));
	const markup = renderReport({ ...poisoned, study: { ...poisoned.study, metrics } });
	const tags = readMarkup(markup);
	expect(tags.filter(({ name }) => name === 'img' || name === 'script')).toEqual([]);
	expect(tags.flatMap(({ attributes }) => [...attributes.keys()]).filter((name) => name.startsWith('on'))).toEqual([]);
	expect(markup.match(/&lt;script&gt;/g)?.length).toBeGreaterThan(100);
});

/** Returns the contrast of two colours `#rgb` or `#rrggbb` (WCAG 2.2). */
function contrast(one: string, other: string): number {
	const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
	return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
	const digits =
		colour.length === 4
			? colour
					.slice(1)
					.split('')
					.map((digit) => digit + digit)
			: (colour.slice(1).match(/../g) ?? []);
	const [red = 0, green = 0, blue = 0] = digits
		.map((pair) => Number.parseInt(pair, 16) / 255)
		.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test('says of how many texts the words are those of the segmenter', () => {
	const input = testInput();
	const segments = [cutSegment('text', '她是一名外科医生。')];
	const record: StudyRecord = { ...testPrediction, example: 'zh', segments };
	const text = renderReport({ ...input, records: [...input.records, record] });
	expect(text).toMatch(/words cut by Unicode’s segmenter in 1 of \d+ texts/u);
	expect(page).not.toContain('segmenter');
});
