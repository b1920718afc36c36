import type { TextExplanation } from '../records/explanation.ts';

/** With less of the probability on its labels, a model would rather have said something else. */
const SMALL_MASS = 0.5;

/** Returns why the answer, and so what explains it, says little; null where nothing speaks against it. */
export function doubtOf({ prediction: { mass }, caution }: TextExplanation): string | null {
	if (caution !== null) return caution;
	if (mass === null || mass >= SMALL_MASS) return null;
	return (
		`Only ${(mass * 100).toFixed(1)} % of the probability is on these labels: the model would rather answer something ` +
		'else, so read its choice, and what explains it, with care.'
	);
}
