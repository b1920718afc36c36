/** A text with its words marked: chosen ones bold and underlined on a ground, others shaded by their score. */
import { itemAt } from '../../core/present.ts';
import type { PredictionRecord } from '../../records/records.ts';
import { type Fragment, type Html, html } from '../html.ts';
import { type Marking, scoreLevels } from '../marking.ts';

/** Returns the segments of an example with their words marked. */
export function renderMarkedText({ segments }: Pick<PredictionRecord, 'segments'>, { chosen, scores }: Marking): Html {
	const levels = scores === null ? null : scoreLevels(scores);
	const chosenWords = new Set(chosen);
	let number = 0;
	return html`${segments.map(({ name, text, words }) => {
		let end = 0;
		const parts = words.map((word): Fragment => {
			const before = text.slice(end, word.start);
			end = word.end;
			const level = levels === null ? 0 : itemAt(levels, number);
			const marked = markWord(text.slice(word.start, word.end), level, chosenWords.has(number));
			number += 1;
			return [before, marked];
		});
		return html`<p><small>${name}</small> <bdi>${parts}${text.slice(end)}</bdi></p>`;
	})}`;
}

function markWord(word: string, level: number, chosen: boolean): Fragment {
	const shade = level === 0 ? null : html` class="${level > 0 ? 'for' : 'against'}${Math.abs(level)}"`;
	if (chosen) return html`<mark${shade}>${word}</mark>`;
	return shade === null ? word : html`<span${shade}>${word}</span>`;
}
