import { expect, it } from 'vitest';
import { testInput, testMethods, testRationale } from '../testInput.ts';
import { createView } from '../view.ts';
import { renderAnswers } from './answers.ts';
import { renderDiagnostics } from './diagnostics.ts';

/** Returns the report's input with these rationales in the place of its own. */
function inputWith(rationales: readonly Partial<typeof testRationale>[]) {
	const input = testInput();
	const records = input.records.filter(({ kind }) => kind !== 'rationale');
	const own = rationales.map((change, i) => ({ ...testRationale, example: `bio-${i}`, ...change }));
	const methods = testMethods.map((method) => ({ ...method, diagnostics: { error: 'completeness error' } }));
	return createView({ ...input, study: { ...input.study, methods }, records: [...records, ...own] });
}

it('shows mean, least and most of each number, by what the method calls it', () => {
	const view = inputWith([
		{ diagnostics: { error: 0.01 } },
		{ diagnostics: { error: 0.04 } },
		{ diagnostics: { error: null } },
	]);
	const cells = renderDiagnostics(view)?.markup.replaceAll(/\s+/gu, ' ');
	expect(cells).toContain('<td>completeness error</td> <td>0.025</td><td>0.01</td> <td>0.04</td><td>2</td>');
});

it('is left out where no method says anything', () => {
	expect(renderDiagnostics(inputWith([{}]))).toBeNull();
});

it('answers that were cut off are counted', () => {
	const method = 'prompt.unbound';
	const answer = { raw: '["hip", "hip', status: 'ok', wrongLength: false, unmatched: [] } as const;
	const view = inputWith([
		{ method, answer: { ...answer, cutOff: true } },
		{ method, answer },
	]);
	expect(renderAnswers(view)?.markup).toMatch(/\(1 of \d+\)<\/td><\/tr>/u);
});
