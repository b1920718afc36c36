/** The report as one HTML file that loads nothing and runs nothing. */
import { Html, html } from './html.ts';
import type { ReportInput } from './reportInput.ts';
import { renderAlignment } from './sections/alignment.ts';
import { renderAnswers } from './sections/answers.ts';
import { renderBadRows } from './sections/badRows.ts';
import { renderComparability } from './sections/comparability.ts';
import { renderComparisons } from './sections/comparisons.ts';
import { renderCurves } from './sections/curves.ts';
import { renderDiagnostics } from './sections/diagnostics.ts';
import { renderEpochs } from './sections/epochs.ts';
import { renderExamples } from './sections/examples.ts';
import { renderFaithfulness } from './sections/faithfulness.ts';
import { renderGlossary } from './sections/glossary.ts';
import { renderMetaEvaluation } from './sections/metaEvaluation.ts';
import { renderOverview } from './sections/overview.ts';
import { renderPredictions } from './sections/predictions.ts';
import { renderResultTables } from './sections/resultTables.ts';
import { renderRun } from './sections/run.ts';
import { renderSensitivity } from './sections/sensitivity.ts';
import { styleSheet } from './style.ts';
import { renderUnanswered } from './sections/unanswered.ts';
import { createView, type View } from './view.ts';

interface Section {
	readonly id: string;
	readonly title: string;
	/** Returns null when there is nothing to show. */
	render(view: View): Html | null;
}

const sections: readonly Section[] = [
	{ id: 'overview', title: 'What can be read', render: renderOverview },
	{ id: 'run', title: 'What was run', render: renderRun },
	{ id: 'predictions', title: 'Accuracy and labels', render: renderPredictions },
	{ id: 'sensitivity', title: 'Sensitivity to the prompt', render: renderSensitivity },
	{ id: 'alignment', title: 'Agreement', render: renderAlignment },
	{ id: 'faithfulness', title: 'Faithfulness', render: renderFaithfulness },
	{ id: 'comparability', title: 'Which models can be compared', render: renderComparability },
	{ id: 'comparisons', title: 'Comparisons', render: renderComparisons },
	{ id: 'meta-evaluation', title: 'Trust in the metrics', render: renderMetaEvaluation },
	{ id: 'curves', title: 'Curves', render: renderCurves },
	{ id: 'epochs', title: 'Epochs', render: renderEpochs },
	{ id: 'answers', title: 'Prompted answers', render: renderAnswers },
	{ id: 'unanswered', title: 'Texts without a prediction', render: renderUnanswered },
	{ id: 'diagnostics', title: 'Diagnostics', render: renderDiagnostics },
	{ id: 'tables', title: 'Tables', render: renderResultTables },
	{ id: 'examples', title: 'Examples', render: renderExamples },
	{ id: 'bad-rows', title: 'Rows left out', render: renderBadRows },
	{ id: 'glossary', title: 'Methods and metrics', render: renderGlossary },
];

/** The page may not load anything, run anything or send anything. */
const contentPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'";

/** Returns the whole report as the text of an HTML file. */
export function renderReport(input: ReportInput): string {
	const view = createView(input);
	const rendered = sections.flatMap((section) => {
		const markup = section.render(view);
		return markup === null ? [] : [{ ...section, markup }];
	});
	const page = html`<!doctype html>
		<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
		<meta http-equiv="Content-Security-Policy" content="${contentPolicy}">
		<title>${input.study.name}: rationales, agreement and faithfulness</title>
		<style>${new Html(styleSheet)}</style></head>
		<body><a class="skip" href="#main">Skip to the content</a>
		<header><h1>${input.study.name}</h1><p>Which words made the models decide, and how far that answer can be trusted.</p>
		<nav aria-label="Sections"><ul>${rendered.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav></header>
		<main id="main">${rendered.map(({ markup }) => markup)}</main>
		<footer>Made by llm-rationale. The page is complete in itself: it loads nothing and sends nothing.</footer></body></html>`;
	return `${page.markup}\n`;
}
