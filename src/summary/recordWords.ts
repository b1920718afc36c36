/** Records are plain lines of a file: what they say of words is held against the text before anything is counted. */
import { UserError } from '../core/errors.ts';
import type { PredictionRecord, RationaleRecord } from '../records/records.ts';

/** Throws a `UserError` for a record that names a word which its text has not got, or has not a score for each word. */
export function requireWordsOfText(prediction: PredictionRecord, rationales: Iterable<RationaleRecord>): void {
	const count = prediction.segments.reduce((sum, { words }) => sum + words.length, 0);
	const isWord = (word: number): boolean => Number.isInteger(word) && word >= 0 && word < count;
	const strange = [...prediction.annotations.flat(), ...(prediction.unjudged ?? [])].find((word) => !isWord(word));
	if (strange !== undefined) throw changed(prediction, `names word ${strange}`, count);
	for (const rationale of rationales) {
		const { scores } = rationale;
		if (scores !== null && scores.length !== count) throw changed(rationale, `has ${scores.length} scores`, count);
		const chosen = rationale.selections.flatMap(({ words }) => words).find((word) => !isWord(word));
		if (chosen !== undefined) throw changed(rationale, `names word ${chosen}`, count);
	}
}

function changed({ cell, example }: PredictionRecord | RationaleRecord, what: string, count: number): UserError {
	return new UserError(
		`records.jsonl: the record of cell ${cell} (example "${example}") ${what}, and the text has ${count} words. ` +
			'The file was changed by something else: delete this line and run again (it is computed anew), or use a new --out folder.',
	);
}
