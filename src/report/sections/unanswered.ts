/** Texts a model gave no label for: counted by what came instead. */
import { groupBy } from '../../core/groupBy.ts';
import { type Html, html } from '../html.ts';
import { insteadOfLabel } from '../unanswered.ts';
import { datasetTitle, type View } from '../view.ts';
import { headRow, renderTable } from './table.ts';

/** Returns the section on texts without a prediction, or nothing when there are none. */
export function renderUnanswered({ input }: View): Html | null {
	const skipped = input.records.filter((record) => record.kind === 'skipped');
	if (skipped.length === 0) return null;
	const groups = groupBy(skipped, ({ model, dataset, problem }) => JSON.stringify([model, dataset, problem]));
	const rows = [...groups.values()].flatMap((records) => {
		const [first] = records;
		if (first === undefined) return [];
		const { model, dataset, example, reason } = first;
		return html`<tr><th scope="row">${model}</th><td>${datasetTitle(input, dataset)}</td>
			<td>${insteadOfLabel(first)}</td><td>${records.length}</td>
			<td>${example}: ${reason}</td></tr>`;
	});
	return html`<section id="unanswered"><h2>Texts without a prediction</h2>
		<p>Missing from every figure over all examples, and counted there.</p>
		${renderTable('What came instead', headRow(['Model', 'Dataset', 'What came instead', 'Texts', 'For example']), html`<tbody>${rows}</tbody>`)}</section>`;
}
