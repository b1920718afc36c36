/**
 * Whole pages, as they were when somebody last looked at them: fixtures/golden/. A page that changed on purpose is looked at
 * in a browser and kept with `npx vitest run src/report/golden.test.ts --update`.
 */
import { expect, it } from 'vitest';
import { agreementOf } from '../explain/text/agreement.ts';
import type { MethodExplanation, TextExplanation } from '../records/explanation.ts';
import { renderExplanationPage } from './explanationPage.ts';
import { renderReport } from './report.ts';
import type { ReportInput } from './reportInput.ts';
import { testInput, testRow } from './testInput.ts';
import { testStudy } from './testStudy.ts';

/** The small study followed over three epochs of fine-tuning: flat before, sound after. */
function fineTuned(): ReportInput {
	const input = testInput();
	const epochs = [0, 1, 2];
	return {
		...input,
		summary: {
			...input.summary,
			rows: epochs.flatMap((epoch) => [
				testRow({ epoch, method: null, selection: null, metric: 'accuracy', masking: null, value: 0.3 + epoch / 4 }),
				testRow({ epoch, value: 0.2 + epoch / 5, ci95: [0.1 + epoch / 5, 0.3 + epoch / 5] }),
			]),
		},
		verdicts: epochs.map((epoch) => ({
			model: 'tiny',
			dataset: 'bios',
			epoch,
			...(epoch === 0
				? { level: 'not evaluable' as const, reasons: ['one label takes 0.97 of the predictions'] }
				: { level: 'evaluable' as const, reasons: [] }),
		})),
		answerRates: [],
		records: [],
	};
}

const answer = { label: 'nurse', probabilities: { nurse: 0.75, dentist: 0.25 }, mass: 1 };
const said = {
	scores: null,
	missing: null,
	ties: 0,
	diagnostics: [],
	answer: null,
	masked: answer,
	flips: false,
};
const explained: TextExplanation = {
	model: { id: 'm', identity: 'i' },
	task: 't',
	prediction: answer,
	thought: null,
	masking: 'space',
	caution: null,
	precisionCheck: null,
	segments: [{ name: 'text', text: 'She works on a ward.' }],
	words: ['She', 'works', 'on', 'a', 'ward.'].map((text) => ({ segment: 0, text })),
	methods: [
		{ ...said, method: 'attention', title: 'Attention', chosen: [4], scores: [0.1, 0.2, 0, 0, 1] },
		{ ...said, method: 'human', title: 'Human', chosen: [], missing: 'nobody annotated it' },
	] satisfies MethodExplanation[],
};

/** What can be judged, what with care, what not; methods of every family. */
const few = {
	examples: 1,
	words: 12,
	methods: ['saliency.l2', 'prompt.top_k', 'random', 'human'],
	datasets: ['esnli', 'fever'],
};

const pages: Readonly<Record<string, () => string>> = {
	'small-study': () => renderReport(testInput()),
	'two-models': () => renderReport(testStudy(few)),
	'fine-tuned': () => renderReport(fineTuned()),
	explanation: () => renderExplanationPage(explained, agreementOf(explained.methods, explained.words.length)),
};

it.each(Object.entries(pages))('%s is the page that was looked at', async (name, render) => {
	await expect(render()).toMatchFileSnapshot(`../../fixtures/golden/${name}.html`);
});
