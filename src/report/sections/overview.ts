import { type Html, html } from '../html.ts';
import { countOf, formatDifference, formatInterval, formatNumber } from '../numbers.ts';
import {
	familyOf,
	findRow,
	headlineMasking,
	isNotEvaluable,
	matches,
	methodTitle,
	modelTitle,
	type Setting,
	unmeasuredMethods,
	type View,
} from '../view.ts';
import { clauseOf } from './table.ts';
import type { SummaryRow } from '../../records/summaryRows.ts';

/** Returns the plain-language summary. */
export function renderOverview(view: View): Html {
	return html`<section id="overview"><h2>What can be read from this</h2>
		${view.groups.map(
			({ title, settings }) => html`<h3>${title}</h3>
			<div class="cards">${settings.map((setting) => renderCard(view, setting))}</div>`,
		)}
		<p>Alignment says how far the words agree with those people marked; faithfulness says whether the model needed them.
		One does not follow from the other. Numbers in brackets are 95 % intervals; “chance” is what
		random words would reach, or for accuracy random labels.
		${badRowsSentence(view)}</p></section>`;
}

function renderCard(view: View, setting: Setting): Html {
	return html`<article><h4>${modelTitle(setting)}</h4>
		<p>${accuracySentence(setting)}</p>
		<p><strong>Agreement with people.</strong> ${alignmentSentence(view, setting)}</p>
		<p><strong>Faithfulness.</strong> ${faithfulnessSentence(view, setting)}</p></article>`;
}

function badRowsSentence({ input }: View): string {
	const { length } = input.badRows;
	return length === 0
		? 'Every row of the data could be used.'
		: `${countOf(length, 'data row')} could not be used (listed below).`;
}

function accuracySentence(setting: Setting): string {
	const accuracy = findRow(setting, { metric: 'accuracy', subset: 'all' });
	const majority = findRow(setting, { metric: 'majority_share', subset: 'all' });
	const mass = findRow(setting, { metric: 'label_mass', subset: 'all' });
	const parts = [
		accuracy === undefined ? 'Accuracy was not computed.' : `Accuracy ${quote(accuracy)}.`,
		majority?.value != null && `The most frequent answer makes up ${formatNumber(majority.value)} of all predictions.`,
		mass?.value != null && `The labels together have ${quote(mass)} of the probability.`,
	];
	return parts.filter((part) => part !== false).join(' ');
}

/** Returns `0.52 [0.48, 0.56] (n 300, 0.25 by chance)`, or why there is no number. */
function quote(row: SummaryRow, format = formatNumber): string {
	if (row.value === null) return `has no value (${row.note ?? 'no reason given'})`;
	return `${format(row.value)} ${formatInterval(row.ci95)} (${clauseOf(row)})`.replace('  ', ' ');
}

function alignmentSentence(view: View, setting: Setting): string {
	const wanted = { metric: 'token_f1.macro', subset: 'all' };
	const rows = methodRows(view, setting, wanted);
	const unmeasured = unmeasuredSentence(view, setting, wanted);
	const [best, ...others] = rows;
	if (best === undefined) return 'Not measured: no human rationales, or no method gave any words.';
	const name = nameOf(view, best);
	if (best.chance !== null && best.ci95 !== null && best.ci95[0] <= best.chance) {
		return `No method is clearly better than random words; the highest token F1 is that of ${name}: ${quote(best)}.${unmeasured}`;
	}
	return `Best aligned: ${name}, token F1 ${quote(best)}. ${overlapSentence(best, others)}${unmeasured}`;
}

function overlapSentence(best: SummaryRow, others: readonly SummaryRow[]): string {
	const near = others.filter((row) => row.ci95 !== null && best.ci95 !== null && row.ci95[1] >= best.ci95[0]).length;
	if (others.length === 0 || best.ci95 === null) return '';
	return near === 0
		? 'No other interval reaches its own.'
		: `The intervals of ${near} of the ${others.length} other choices overlap with it.`;
}

function faithfulnessSentence(view: View, setting: Setting): string {
	const reasons = setting.verdict?.reasons.join('; ') ?? '';
	if (isNotEvaluable(setting)) return `Cannot be judged: ${reasons}. The figures below are greyed out.`;
	const masking = headlineMasking(view.input);
	const wanted = { metric: 'flip_rate.excess', subset: 'all', masking };
	const [best] = methodRows(view, setting, wanted);
	if (best === undefined) return 'Not measured.';
	const { method, selection, subset } = best;
	const flips = findRow(setting, { metric: 'flip_rate', method, selection, subset, masking });
	const care = setting.verdict?.level === 'with care' ? ` To be read with care: ${reasons}.` : '';
	const unmeasured = unmeasuredSentence(view, setting, wanted);
	return `${flipSentence(nameOf(view, best), best, flips)}${humanClause(setting, masking)}.${unmeasured}${care}`;
}

/** What is best is the best of those with a number. */
function unmeasuredSentence(view: View, setting: Setting, wanted: Partial<SummaryRow>): string {
	const titles = unmeasuredMethods(view, setting, wanted);
	return titles.length === 0 ? '' : ` Not measured: ${titles.join(', ')}.`;
}

function flipSentence(name: string, excess: SummaryRow, flips: SummaryRow | undefined): string {
	const isClear = excess.ci95 === null || excess.ci95[0] > 0;
	const rate = flips === undefined ? '' : `flip rate ${quote(flips)}, `;
	const numbers = `${rate}excess over as many random words ${formatDifference(excess.value)} ${formatInterval(excess.ci95)}`;
	return isClear
		? `Masking the words of ${name} changes the prediction most often: ${numbers}`
		: `No method's words change the prediction clearly more often than random ones; the highest is ${name}: ${numbers}`;
}

function humanClause(setting: Setting, masking: string | null): string {
	const human = findRow(setting, { metric: 'flip_rate', subset: 'all', masking, method: 'human' });
	return human?.value == null
		? ''
		: `; masking the human rationale: ${formatNumber(human.value)} ${formatInterval(human.ci95)}`;
}

/** Returns the matching rows of methods under study that have a value, highest first. */
function methodRows(view: View, setting: Setting, wanted: Partial<SummaryRow>): SummaryRow[] {
	return setting.rows
		.filter((row) => row.method !== null && familyOf(view.input, row.method) !== 'reference' && matches(row, wanted))
		.flatMap((row) => (row.value === null ? [] : [{ row, value: row.value }]))
		.toSorted((a, b) => b.value - a.value)
		.map(({ row }) => row);
}

function nameOf(view: View, { method, selection }: SummaryRow): string {
	const title = method === null ? '' : methodTitle(view.input, method);
	return selection === null ? title : `${title} (${selection})`;
}
