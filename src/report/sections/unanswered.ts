/** Texts a model gave no label for: counted by what came instead. */
import type { SkippedRecord } from '../../study/records.ts';
import { groupBy } from '../groupBy.ts';
import { type Html, html } from '../html.ts';
import { datasetTitle, type View } from '../view.ts';
import { headRow, renderTable } from './table.ts';

const problems: Readonly<Record<NonNullable<SkippedRecord['problem']>, string>> = {
	prose: 'Text that gives no label',
	half_json: 'JSON that breaks off',
	other_label: 'A label that does not exist',
	nothing: 'An empty answer',
	refused: 'Withheld by a filter',
	too_long: 'The prompt does not fit',
	server_error: 'No answer after all tries',
};

/** Returns the section on texts without a prediction, or nothing when there are none. */
export function renderUnanswered({ input }: View): Html | null {
	const skipped = input.records.filter((record) => record.kind === 'skipped');
	if (skipped.length === 0) return null;
	const groups = groupBy(skipped, ({ model, dataset, problem }) => JSON.stringify([model, dataset, problem]));
	const rows = [...groups.values()].flatMap((records) => {
		const [first] = records;
		if (first === undefined) return [];
		const { model, dataset, problem, example, reason } = first;
		return html`<tr><th scope="row">${model}</th><td>${datasetTitle(input, dataset)}</td>
			<td>${problem === undefined ? 'Could not be asked' : problems[problem]}</td><td>${records.length}</td>
			<td>${example}: ${reason}</td></tr>`;
	});
	return html`<section id="unanswered"><h2>Texts without a prediction</h2>
		<p>Missing from every figure over all examples, and counted there.</p>
		${renderTable('What came instead', headRow(['Model', 'Dataset', 'What came instead', 'Texts', 'For example']), html`<tbody>${rows}</tbody>`)}</section>`;
}
