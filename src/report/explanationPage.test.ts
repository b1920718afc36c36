import { expect, it } from 'vitest';
import { agreementOf } from '../explain/text/agreement.ts';
import { renderExplanationPage } from './explanationPage.ts';
import type { MethodExplanation, TextExplanation } from '../records/explanation.ts';

const prediction = { label: 'nurse', probabilities: { nurse: 0.75, dentist: 0.25 }, mass: 1 };
const said = {
	scores: null,
	missing: null,
	ties: 0,
	diagnostics: [],
	answer: null,
	masked: prediction,
	flips: false,
};
const explanation: TextExplanation = {
	model: { id: 'm', identity: 'i' },
	task: 't',
	prediction,
	thought: null,
	masking: 'space',
	caution: null,
	precisionCheck: null,
	segments: [{ name: 'text', text: 'a <b> a' }],
	words: ['a', '<b>', 'a'].map((text) => ({ segment: 0, text })),
	methods: [
		{ ...said, method: 'attention', title: 'Attention', chosen: [2], scores: [0, 0.1, 1] },
		{
			...said,
			method: 'lime',
			title: 'LIME',
			chosen: [2, 1],
			diagnostics: [{ name: 'weightedR2', title: 'fit <R²>', value: 0.98765 }],
		},
		{ ...said, method: 'human', title: 'Human', chosen: [], missing: 'nobody <annotated> it' },
	] satisfies MethodExplanation[],
};

it('says why a doubtful answer says little', () => {
	const page = (changes: Partial<TextExplanation>): string =>
		renderExplanationPage({ ...explanation, ...changes }, agreementOf(explanation.methods, 3));
	expect(page({ caution: 'It knows <nothing>.' })).toContain('<p class="note">It knows &lt;nothing&gt;.</p>');
	expect(page({ prediction: { ...prediction, mass: 0.25 } })).toContain('Only 25.0 % of the probability');
	expect(page({})).not.toContain('grayscale');
});

it('shows every method and their agreement, with all text escaped', () => {
	const page = renderExplanationPage(explanation, agreementOf(explanation.methods, 3));
	expect(page).toMatch(/^<!doctype html>/u);
	expect(page).not.toContain('<b>');
	expect(page).toContain('nurse 75.0 %');
	expect(page).toContain('nobody &lt;annotated&gt; it');
	expect(page).toContain('<bdi>a <mark>&lt;b&gt;</mark> <mark>a</mark></bdi>');
	expect(page).toContain('fit &lt;R²&gt;: 0.988');
	expect(page).toContain('Agreement of 2 methods');
	expect(page).toContain('<td>1 of 2</td><td>0.50</td>');
	expect(page).not.toMatch(/<script|src=|https?:/u);
});
