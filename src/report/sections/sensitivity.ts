import { groupBy } from '../../core/groupBy.ts';
import { type Html, html } from '../html.ts';
import { formatInterval, formatNumber } from '../numbers.ts';
import { placeOf, splitTitle, type View } from '../view.ts';
import { renderTable } from './table.ts';
import type { SensitivityRow } from '../../records/summaryRows.ts';

const head = html`<tr><th scope="col">Model</th><th scope="col" class="name">Asked in another way</th>
	${['Accuracy', 'Same prediction', 'Texts'].map((title) => html`<th scope="col">${title}</th>`)}</tr>`;

/** Returns the section, or nothing where the study asks in one way only. */
export function renderSensitivity({ input }: View): Html | null {
	const rows = endsOf(input.summary.sensitivity ?? []);
	if (rows.length === 0) return null;
	return html`<section id="sensitivity"><h2>Sensitivity to the prompt</h2>
		<p>The same texts, asked in other words or with the answers listed in another order. Where predictions change, the
		other figures of this report belong to one wording and might be others under the next.</p>
		${[...groupBy(rows, ({ dataset, split }) => JSON.stringify([dataset, split])).values()].map((group) => {
			const [first] = group;
			if (first === undefined) return html``;
			const title = splitTitle(input, first);
			return html`<h3>${title}</h3>
				${renderTable(`Other prompts on ${title}`, head, html`<tbody>${renderRows(group)}</tbody>`, 'figures')}
				<details><summary>The wordings</summary>${renderWordings(group)}</details>`;
		})}</section>`;
}

/** Returns the rows of each model's first and last epoch. */
function endsOf(rows: readonly SensitivityRow[]): SensitivityRow[] {
	const series = groupBy(rows, placeOf);
	return rows.filter((row) => {
		const epochs = (series.get(placeOf(row)) ?? []).map(({ epoch }) => epoch ?? 0);
		return [Math.min(...epochs), Math.max(...epochs)].includes(row.epoch ?? 0);
	});
}

/** The task as it is stands first for every model. */
function renderRows(rows: readonly SensitivityRow[]): Html[] {
	const models = groupBy(rows, ({ model, epoch }) => JSON.stringify([model, epoch]));
	return [...models.values()].flatMap((own) => {
		const [first] = own;
		if (first === undefined) return [];
		const usual = html`<tr><th scope="row">${nameOf(first)}</th><th scope="row">the task as it is</th>
			<td>${renderShare(first.usualAccuracy)}</td><td>—</td><td>${first.n}</td></tr>`;
		return [
			usual,
			...own.map(
				(row) => html`<tr><th scope="row">${nameOf(row)}</th><th scope="row">${row.variant}</th>
				<td>${renderShare(row.accuracy)}</td><td>${renderShare(row.same)}</td>
				<td>${row.n}<small>${row.missing} missing</small></td></tr>`,
			),
		];
	});
}

function nameOf({ model, epoch }: SensitivityRow): string {
	return epoch === null ? model : `${model}, epoch ${epoch}`;
}

function renderShare({ value, ci95 }: SensitivityRow['same']): Html {
	return html`<b>${formatNumber(value)}</b>${ci95 !== null && html` <i>${formatInterval(ci95)}</i>`}`;
}

function renderWordings(rows: readonly SensitivityRow[]): Html[] {
	const variants = new Map(rows.map((row) => [row.variant, row]));
	return [...variants.values()].map(
		({ variant, instruction, userTurn }) => html`<h4>${variant}</h4><pre>system: ${instruction}
user: ${userTurn ?? ''}</pre>`,
	);
}
