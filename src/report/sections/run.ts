/** What was run: models, data, prompts, maskings, versions. */
import { type Html, html } from '../html.ts';
import { countOf } from '../numbers.ts';
import type { ReportInput } from '../reportInput.ts';
import type { View } from '../view.ts';
import { headRow, renderTable } from './table.ts';

/** Returns the section on what was run. */
export function renderRun({ input }: View): Html {
	const { study } = input;
	const versions = Object.entries(study.startedWith).map(([name, version]) => `${name} ${version}`);
	return html`<section id="run"><h2>What was run</h2>
		<dl>
			<dt>Study</dt><dd>${study.name}</dd>
			<dt>Seed</dt><dd>${study.seed}</dd>
			<dt>Started with</dt><dd>${versions.join(' · ')}</dd>
			<dt>Maskings</dt><dd>${study.maskings.map(({ id, title }) => `${id}: ${title}`).join(' · ')}</dd>
		</dl>
		${renderTable('Models', headRow(['Model', 'Description']), [
			...study.models.map(({ id, description }) => modelRow(id, description)),
			...(study.modelsLeftOut ?? []).map(({ id, reason }) => modelRow(id, `left out: ${reason}`)),
		])}
		${renderTable(
			'Datasets',
			headRow(['Dataset', 'Name', 'Examples']),
			study.datasets.map(
				({ id, title, n }) =>
					html`<tr><th scope="row">${id}</th><td>${title}${wordsNote(input, id)}</td><td>${n}</td></tr>`,
			),
		)}
		<details><summary>Prompts (${study.prompts.length})</summary>
			${study.prompts.map(({ id, text }) => html`<h3>${id}</h3><pre>${text}</pre>`)}</details>
		<details><summary>Resolved study file</summary><pre>${study.configText}</pre></details>
	</section>`;
}

/** Says where words are not what stands between spaces. */
function wordsNote({ records }: ReportInput, dataset: string): Html | null {
	const texts = new Map(
		records.flatMap((record) =>
			record.kind === 'prediction' && record.dataset === dataset
				? [[record.example, record.segments.some(({ cut }) => cut === 'segmenter')]]
				: [],
		),
	);
	const cut = [...texts.values()].filter((isCut) => isCut).length;
	return cut === 0
		? null
		: html`<small>words cut by Unicode’s segmenter in ${cut} of ${countOf(texts.size, 'text')}</small>`;
}

function modelRow(id: string, description: string): Html {
	return html`<tr><th scope="row">${id}</th><td>${description}</td></tr>`;
}
