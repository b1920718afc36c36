import { expect, test } from 'vitest';
import { testInput, testRow } from './testInput.ts';
import { choicesOf, createView, findRow, noteBesideVerdict, verdictText } from './view.ts';

test('settings are grouped by dataset, models in the order of the study, at their last epoch', () => {
	const input = testInput();
	const rows = [...input.summary.rows, ...[2, 10, 1].map((epoch) => testRow({ model: 'flat', split: 'dev', epoch }))];
	const view = createView({ ...input, summary: { ...input.summary, rows } });
	const described = view.groups.map(({ title, settings }) => [
		title,
		...settings.map(({ model, epoch }) => `${model} ${epoch}`),
	]);
	expect(described).toEqual([
		['Planted biographies, dev split', 'flat 10'],
		['Planted biographies, test split', 'tiny null', 'flat null'],
	]);
	expect(view.settings).toHaveLength(5);
});

test('a dataset without splits has none in its title', () => {
	const input = testInput();
	const view = createView({ ...input, records: [], summary: { ...input.summary, rows: [testRow({ split: 'all' })] } });
	expect(view.groups.map(({ title }) => title)).toEqual(['Planted biographies']);
});

test('choices are ordered by selection, then as in the study, references last', () => {
	const rows = [
		{ method: 'random', selection: 'top_var' },
		{ method: 'human', selection: 'own' },
		{ method: 'prompt.unbound', selection: 'own' },
		{ method: 'attn_lrp', selection: null },
		{ method: 'attn_lrp', selection: 'top_var' },
		{ method: 'attn_lrp', selection: 'top_var' },
	].map(testRow);
	expect(choicesOf(testInput(), rows).map(({ method, selection }) => `${method} ${selection}`)).toEqual([
		'attn_lrp top_var',
		'random top_var',
		'prompt.unbound own',
		'human own',
		'attn_lrp null',
	]);
});

test('a verdict is said once, other notes beside their number', () => {
	const [tiny, flat] = createView(testInput()).groups[0]?.settings ?? [];
	if (tiny === undefined || flat === undefined) throw new Error('no settings');
	const collapsed = testRow({ evaluable: 'no', note: 'not evaluable: one label' });
	expect(noteBesideVerdict(collapsed, flat)).toBeNull();
	expect(noteBesideVerdict(collapsed, tiny)).toBe('not evaluable: one label');
	expect(noteBesideVerdict({ ...collapsed, value: null }, flat)).toBe('not evaluable');
	expect(findRow(tiny, { metric: 'accuracy' })?.value).toBe(0.81);
	expect(verdictText(flat.verdict)).toBe('not evaluable: one label takes 0.97 of the predictions');
	expect(verdictText(null)).toBe('not judged');
});

test('a row is found by any of its properties, the first one where several have them', () => {
	const { settings } = createView(testInput());
	for (const setting of settings) {
		for (const row of setting.rows) {
			const { metric, method, selection, subset, masking } = row;
			for (const wanted of [{ metric }, { metric, method }, { metric, method, selection }, { method, masking }, row]) {
				const byHand = setting.rows.find((other) =>
					Object.entries(wanted).every(([key, value]) => other[key as keyof typeof other] === value),
				);
				expect(findRow(setting, wanted)).toBe(byHand);
			}
			expect(findRow(setting, { metric, subset, selection: 'no such one' })).toBeUndefined();
		}
	}
});
