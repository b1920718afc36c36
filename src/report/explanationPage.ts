/** One explained text as an HTML file that loads nothing and runs nothing. */
import type { Span } from '../core/example.ts';
import { itemAt, zip } from '../core/present.ts';
import { wordSpans } from './wordSpans.ts';
import { type Fragment, Html, html } from './html.ts';
import { doubtOf } from './doubt.ts';
import { checkedPrecisionText, formatDiagnostic } from './numbers.ts';
import { renderMarkedText } from './sections/markedText.ts';
import { renderThought } from './sections/thought.ts';
import { headRow, renderTable } from './sections/table.ts';
import { styleSheet } from './style.ts';
import type { LabelPrediction, MethodExplanation, TextExplanation, Agreement } from '../records/explanation.ts';

/** The page may not load anything, run anything or send anything. */
const contentPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'";

/** What explains a doubtful answer is not to look like a finding. */
const quietSections = '\nmain section { filter: grayscale(1); color: var(--quiet); }';

/** Returns the text marked by each method, and their agreement, as the text of an HTML file. */
export function renderExplanationPage(explanation: TextExplanation, agreement: Agreement): string {
	const { model, task, prediction, methods, precisionCheck, thought } = explanation;
	const doubt = doubtOf(explanation);
	const page = html`<!doctype html>
		<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
		<meta http-equiv="Content-Security-Policy" content="${contentPolicy}">
		<title>${prediction.label}: which words decided</title>
		<style>${new Html(doubt === null ? styleSheet : styleSheet + quietSections)}</style></head>
		<body><header><h1>${shown(prediction)}</h1><p>${model.id}, task ${task}</p>${doubt !== null && html`<p class="note">${doubt}</p>`}</header>
		<main id="main">${thought !== null && renderThought(thought)}${methods.map((method) => renderMethod(explanation, method))}
		${agreement.methods.length > 1 && renderAgreement(explanation, agreement)}
		${precisionCheck !== null && html`<p>${checkedPrecisionText(precisionCheck)}</p>`}</main>
		<footer>Made by llm-rationale. The page is complete in itself: it loads nothing and sends nothing.</footer></body></html>`;
	return `${page.markup}\n`;
}

function renderMethod(explanation: TextExplanation, method: MethodExplanation): Html {
	const { title, missing, answer, masked, flips, diagnostics } = method;
	const head = html`<h2>${title} <small>${method.method}</small></h2>`;
	if (missing !== null) return html`<section>${head}<p class="note">nothing: ${missing}</p></section>`;
	const shownDiagnostics = diagnostics.map(({ title: name, value }) => `${name}: ${formatDiagnostic(value)}`);
	const verdict =
		masked !== null && `without the chosen words: ${flips === true ? 'flips to' : 'stays'} ${shown(masked)}`;
	return html`<section>${head}${renderMarkedText({ segments: segmentsOf(explanation) }, method)}
		${answer !== null && html`<p><small>answer: ${answer.raw}</small></p>`}
		${verdict !== false && html`<p>${verdict}</p>`}
		${diagnostics.length > 0 && html`<p><small>${shownDiagnostics.join('; ')}</small></p>`}</section>`;
}

function renderAgreement(explanation: TextExplanation, { methods, votes, overlaps }: Agreement): Html {
	const chosen = [...votes.keys()].filter((word) => itemAt(votes, word) > 1);
	const rows = overlaps.map(
		({ first, second, shared, either, overlap }): Fragment =>
			html`<tr><th scope="row">${first}</th><td>${second}</td><td>${shared} of ${either}</td><td>${overlap.toFixed(2)}</td></tr>`,
	);
	return html`<section><h2>Agreement of ${methods.length} methods</h2>
		<p>Marked: chosen by more than one; the shade says by how many.</p>
		${renderMarkedText({ segments: segmentsOf(explanation) }, { chosen, scores: votes })}
		${renderTable('Words in common', headRow(['Method', 'Method', 'Words in common', 'Overlap (Jaccard)']), html`<tbody>${rows}</tbody>`)}</section>`;
}

/** Returns the segments with the places of their words. */
function segmentsOf(explanation: TextExplanation): { name: string; text: string; words: readonly Span[] }[] {
	return zip(explanation.segments, wordSpans(explanation)).map(([segment, words]) => ({ ...segment, words }));
}

function shown({ label, probabilities }: LabelPrediction): string {
	const share = probabilities[label];
	return share === undefined ? label : `${label} ${(share * 100).toFixed(1)} %`;
}
