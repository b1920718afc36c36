import { printable } from '../core/printable.ts';
import type { LabelPrediction, TextExplanation } from '../records/explanation.ts';

/** With less of the probability on its labels, a model would rather have said something else. */
const SMALL_MASS = 0.5;

/** Returns why the answer, and so what explains it, says little; null where nothing speaks against it. */
export function doubtOf({ prediction, caution }: TextExplanation): string | null {
	const { mass } = prediction;
	if (caution !== null) return caution;
	if (mass === null || mass >= SMALL_MASS) return null;
	return (
		`Only ${percent(mass)} of the probability is on these labels: the model would rather begin with ` +
		`${beginnings(prediction)}. Read its choice, and what explains it, with care.`
	);
}

/** Returns `"The" 31.0 %, "Based" 4.2 %`. */
function beginnings({ likeliest = [] }: LabelPrediction): string {
	const said = likeliest.map(({ text, probability }) => `${printable(JSON.stringify(text))} ${percent(probability)}`);
	return said.length === 0 ? 'something else' : said.join(', ');
}

function percent(share: number): string {
	return `${(share * 100).toFixed(1)} %`;
}
