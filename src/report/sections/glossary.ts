/** What the methods and metrics are, as they declare themselves. */
import type { MethodDeclaration, MetricDeclaration, Need } from '../../core/declarations.ts';
import { type Html, html } from '../html.ts';
import { tickLabel } from '../figures/axis.ts';
import type { View } from '../view.ts';
import { headRow, renderTable } from './table.ts';

const needs: Readonly<Record<Need, string>> = {
	attention: 'attention weights',
	gradients: 'gradients',
	labelScores: 'label scores',
	generation: 'generated text',
	constrainedGeneration: 'text in a given form',
	attentionBlocking: 'attention that can be blocked',
	annotations: 'human rationales',
	nothing: 'nothing',
};

const directions = { higher: 'higher is better', lower: 'lower is better', neither: 'neither' } as const;

/** Returns the glossary. */
export function renderGlossary({ input: { study } }: View): Html {
	const methodHead = headRow(['Method', 'Id', 'Kind', 'Needs', 'Scores say', 'About', 'Tokens to words', 'Source']);
	const metricHead = headRow(['Metric', 'Id', 'Measures', 'Range', 'Better', 'Source']);
	return html`<section id="glossary"><h2>Methods and metrics</h2>
		${renderTable('Methods', methodHead, html`<tbody>${study.methods.map(renderMethod)}</tbody>`)}
		${renderTable('Metrics', metricHead, html`<tbody>${study.metrics.map(renderMetric)}</tbody>`)}</section>`;
}

function renderMethod(method: MethodDeclaration): Html {
	const { id, title, family, signed, targetSpecific, aggregation, source } = method;
	const scores =
		aggregation === null
			? ['none: it names words', '—', '—']
			: [signed ? 'for and against' : 'how much', targetSpecific ? 'one label' : 'no label', aggregation];
	const cells = [family, needs[method.needs], ...scores, source];
	return html`<tr><th scope="row">${title}</th><td><code>${id}</code></td>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`;
}

function renderMetric({ id, title, family, range, better, source }: MetricDeclaration): Html {
	return html`<tr><th scope="row">${title}</th><td><code>${id}</code></td><td>${family}</td>
		<td>${range.map(boundLabel).join(' to ')}</td><td>${directions[better]}</td><td>${source}</td></tr>`;
}

function boundLabel(bound: number): string {
	return Number.isFinite(bound) ? tickLabel(bound) : bound < 0 ? '−∞' : '∞';
}
