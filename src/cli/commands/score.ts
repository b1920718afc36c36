/** `rationale score`: rationales by any tool, without a model. */
import type { Command } from 'commander';
import { UserError } from '../../core/errors.ts';
import { groupBy } from '../../core/groupBy.ts';
import { evaluableBy } from '../../evaluation/collapse.ts';
import { hasValue, type Score } from '../../core/score.ts';
import { dash, formatInterval } from '../../report/numbers.ts';
import type { PredictionScores, ScoredMetric } from '../../interchange/scorePredictions.ts';
import { alignColumns, wrapText } from '../../terminal/layout.ts';
import type { Session } from '../session.ts';
import type { Channel } from '../../terminal/channel.ts';

interface Options {
	readonly data?: string;
	readonly split?: string;
	readonly json?: boolean;
}

/** Adds the command. */
export function addScore(program: Command, session: Session): void {
	program
		.command('score')
		.summary('score rationales made by any other tool, without a model')
		.description(
			'Scores a file of predictions in the form of ERASER (JSON Lines) against a folder in the form of ERASER ' +
				'(docs/ or docs.jsonl, and a file per split): our metrics, with interval and counts, and ERASER’s own definitions.',
		)
		.argument('<predictions>', 'the predictions (.jsonl)')
		.option('-d, --data <folder>', 'the ERASER folder (needed)')
		.option('-s, --split <name>', 'the split the predictions are about; test where there is one')
		.option('--json', 'print one object: a number or null by metric, and whether faithfulness is evaluable')
		.addHelpText('after', '\nExample:\n  rationale score predictions.jsonl --data movies --split val')
		.action((predictions: string, options: Options) => scoreCommand(session, predictions, options));
}

async function scoreCommand({ terminal: { out } }: Session, file: string, options: Options): Promise<void> {
	const { data, split = null, json = false } = options;
	if (data === undefined) throw new UserError('--data: name the ERASER folder, for example --data movies.');
	const [{ readEraserPredictions }, { scorePredictions }] = await Promise.all([
		import('../../interchange/eraserPredictions.ts'),
		import('../../interchange/scorePredictions.ts'),
	]);
	const predictions = await readEraserPredictions(file, data, split);
	// The object has no place for intervals: one resample is enough.
	const scores = scorePredictions(predictions, { seed: 1, resamples: json ? 1 : 1000 });
	out.lines(json ? [JSON.stringify(objectOf(scores), null, '\t')] : render(scores, out));
}

/** By metric; and what the answers let faithfulness figures mean, null where there are none to judge. */
function objectOf({ own, eraser, verdict }: PredictionScores): Record<string, number | null | string> {
	const ours = own.map(({ declaration, value }) => [declaration.id, value] as const);
	const theirs = Object.entries(eraser).map(([id, score]) => [id, numberOf(score)] as const);
	return {
		...Object.fromEntries([...ours, ...theirs]),
		evaluable: verdict === null ? null : evaluableBy[verdict.level],
	};
}

function render({ own, eraser, verdict, split }: PredictionScores, { colours, columns }: Channel): string[] {
	const shown = own.filter(({ value, isVoid }) => value !== null || !isVoid);
	const head = ['', 'value', '95 % interval', 'chance', 'n', 'missing'].map(colours.dim);
	const judgement = verdict === null ? 'no answers to judge' : [verdict.level, ...verdict.reasons].join('; ');
	return [
		colours.bold(`Our metrics, split ${split}`),
		...alignColumns([head, ...shown.map(cellsOf)]),
		...remarks(shown).flatMap((line) => wrapText(line, columns, 2)),
		...wrapText(`Faithfulness: ${judgement}.`, columns, 2),
		'',
		colours.bold("ERASER's own definitions (they differ where docs/metrics.md says so)"),
		...alignColumns(Object.entries(eraser).map(([id, score]) => [id, digits(numberOf(score))])),
	];
}

function cellsOf({ declaration, value, ci95, chance, n, missing }: ScoredMetric): string[] {
	return [declaration.id, digits(value), formatInterval(ci95), digits(chance), String(n), String(missing)];
}

/** Returns why numbers are missing, each reason once. */
function remarks(shown: readonly ScoredMetric[]): string[] {
	const noted = shown.flatMap(({ declaration: { id }, note }) => (note === null ? [] : [{ id, note }]));
	const byNote = groupBy(noted, ({ note }) => note);
	return [...byNote].map(([note, own]) => `${note} (${own.map(({ id }) => id).join(', ')})`);
}

function numberOf(score: Score): number | null {
	return hasValue(score) ? score.value : null;
}

function digits(value: number | null): string {
	return value === null ? dash : value.toFixed(4).replace(/^-/u, '−');
}
