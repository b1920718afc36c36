/** Single examples: the words people marked beside the words of each method, and what happened without them. */
import type { PredictionRecord, RationaleRecord, SelectionRecord } from '../../records/records.ts';
import { type Html, html } from '../html.ts';
import { countOf, formatNumber } from '../numbers.ts';
import { datasetTitle, maskingTitle, methodTitle, modelTitle, type Setting, type View } from '../view.ts';
import { renderMarkedText } from './markedText.ts';
import { renderThought } from './thought.ts';
import { type PickedExample, pickExamples } from './pickExamples.ts';

/** Returns the section of examples, or nothing when there are no predictions. */
export function renderExamples(view: View): Html | null {
	const picked = pickExamples(view.groups.flatMap(({ settings }) => settings));
	return picked.length === 0
		? null
		: html`<section id="examples"><h2>Examples</h2>
			<p>${countOf(picked.length, 'example')}, wrong and right predictions in turn; not chosen for what they show.
			<mark>Chosen words</mark> are bold and underlined. Where a method gives scores, words are shaded by them:
			<span class="for1">weak</span> <span class="for2">middle</span> <span class="for3">strong</span> for the prediction,
			<span class="against1">weak</span> <span class="against2">middle</span> <span class="against3">strong</span> against it
			(dotted line).</p>
			${picked.map((example, i) => renderExample(view, example, i === 0))}</section>`;
}

function renderExample(view: View, { setting, prediction: record }: PickedExample, open: boolean): Html {
	const { gold, prediction, probabilities } = record;
	const verdict = gold === null ? 'no gold label' : gold === prediction ? '✓ correct' : '✗ incorrect';
	const probability = probabilities[prediction] === undefined ? '' : ` (${formatNumber(probabilities[prediction])})`;
	const rationales = rationalesOf(view, setting, record.example);
	const title = `${datasetTitle(view.input, record.dataset)} ${record.example}, ${modelTitle(setting)}`;
	return html`<details class="example"${open && html` open`}><summary><b>${title}</b>:
		gold <b>${gold ?? 'unknown'}</b>, predicted <b>${prediction}</b>${probability}, ${verdict}</summary>
		${record.thought !== undefined && renderThought(record.thought)}<table class="rationales"><caption>Rationales of ${title}</caption>
		<thead><tr><th scope="col">Whose words</th><th scope="col">Text</th><th scope="col">Without them</th></tr></thead>
		<tbody>${renderHuman(view, setting, record)}${rationales.map((rationale) => renderRationale(view, record, rationale))}</tbody>
		</table></details>`;
}

/** Returns the rationales of an example in the order of the study, without the human one. */
function rationalesOf({ input }: View, { rationales }: Setting, example: string): RationaleRecord[] {
	const methods = input.study.methods.map(({ id }) => id);
	return rationales
		.filter((record) => record.example === example && record.method !== 'human')
		.toSorted((a, b) => methods.indexOf(a.method) - methods.indexOf(b.method));
}

function renderHuman(view: View, { rationales }: Setting, record: PredictionRecord): Html {
	const human = rationales.find(({ method, example }) => method === 'human' && example === record.example);
	const chosen = [...new Set(record.annotations.flat())];
	const who =
		record.annotations.length > 1 ? `any of ${record.annotations.length} annotators` : countOf(chosen.length, 'word');
	const [selection] = human?.selections ?? [];
	return html`<tr class="reference"><th scope="row">Human<small>${chosen.length === 0 ? 'no words marked' : who}</small></th>
		<td>${renderMarkedText(record, { chosen, scores: null })}</td>
		<td class="outcome">${selection !== undefined && renderOutcomes(view, record, selection)}</td></tr>`;
}

function renderRationale(view: View, record: PredictionRecord, rationale: RationaleRecord): Html {
	const [selection] = rationale.selections;
	const chosen = selection?.words ?? [];
	const size = selection === undefined ? '' : `${selection.selection}, ${countOf(chosen.length, 'word')}`;
	return html`<tr><th scope="row">${methodTitle(view.input, rationale.method)}<small>${size}</small></th>
		<td>${rationale.missing !== null && html`<p class="note">No rationale: ${rationale.missing}</p>`}
		${renderMarkedText(record, { chosen, scores: rationale.scores })}${renderAnswer(rationale)}</td>
		<td class="outcome">${selection !== undefined && renderOutcomes(view, record, selection)}</td></tr>`;
}

function renderAnswer({ answer }: RationaleRecord): Html | null {
	if (answer === null) return null;
	const remarks = [
		answer.unmatched.length > 0 && `not in the text: ${answer.unmatched.join(', ')}`,
		answer.wrongLength && 'another number of words than asked for',
	].filter((remark) => remark !== false);
	return html`${remarks.length > 0 && html`<p class="note">${remarks.join('; ')}</p>`}
		${answer.thought !== undefined && renderThought(answer.thought)}<details><summary>Answer as given</summary><pre>${answer.raw}</pre></details>`;
}

function renderOutcomes({ input }: View, record: PredictionRecord, { masked, control }: SelectionRecord): Html {
	const labels = Object.entries(masked);
	return html`<ul>${labels.map(([masking, label]) => {
		const draws = control[masking] ?? [];
		const flips = draws.filter((other) => other !== record.prediction).length;
		return html`<li>${maskingTitle(input, masking)}: ${label === record.prediction ? html`stays ${label}` : html`<b>flips to ${label}</b>`}
			${draws.length > 0 && html`<small>random words: ${flips} of ${draws.length} draws flip</small>`}</li>`;
	})}</ul>`;
}
