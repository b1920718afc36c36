/** A study that has nothing left to do, told by its stamp: neither its data nor its records are read. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentId } from './core/ids.ts';
import { callFormat, recordFormat } from './records/recordFormat.ts';
import type { Summary } from './records/summaryRows.ts';
import type { ReportInput } from './report/reportInput.ts';
import { tuningsOf } from './study/plan/resolvedStudy.ts';
import { type FinishedStudy, pathsIn, shownWhenFinished, stampFinished } from './study/run/finishedStamp.ts';
import { readStudy, type StudyFile, type UsableStudy } from './study/openStudy.ts';

export interface FinishedOptions extends StudyFile {
	readonly out: string;
	readonly versions: Readonly<Record<string, string>>;
}

export interface FinishedResult {
	/** As of the run that finished it; of its records only the texts that could not be asked. */
	readonly input: ReportInput;
	readonly notes: readonly string[];
}

/** What the stamp keeps: the input without what lies beside it, in `summary.json` and `records.jsonl`. */
interface Shown {
	readonly input: Omit<ReportInput, 'summary'>;
	readonly notes: readonly string[];
	readonly records: number;
}

const left = ['records.jsonl', 'summary.json', 'report.html', 'study.yaml', 'tables.md', 'tables.tex', 'tables.csv'];

/**
 * Returns what a finished study shows where nothing has changed that it follows from: study file, data, models, program,
 * nor what it left. Null where it has to be opened.
 * @throws UserError for a study file that is none.
 */
export async function finishedStudy(options: FinishedOptions): Promise<FinishedResult | null> {
	const study = await readStudy(options);
	// Written by `stampStudy` of this very program, which is part of what was compared.
	const shown = (await shownWhenFinished(options.out, await keyOf(study, options))) as Shown | null;
	if (shown === null) return null;
	const summary = JSON.parse(await readFile(join(options.out, 'summary.json'), 'utf8')) as Summary;
	const done = `All ${shown.records} records were there already: nothing was computed, and nothing has changed since.`;
	return { input: { ...shown.input, summary }, notes: [...shown.notes, done] };
}

/** Stamps a study whose results lie in the folder. It is a short cut: where it cannot be written, the study is opened again. */
export async function stampStudy(
	study: UsableStudy,
	options: FinishedOptions,
	{ input, notes }: FinishedResult,
): Promise<void> {
	const { summary: _, records, ...rest } = input;
	const skipped = records.filter(({ kind }) => kind === 'skipped');
	const shown: Shown = { input: { ...rest, records: skipped }, notes, records: records.length };
	await stampFinished(options.out, await keyOf(study, options), shown).catch(() => undefined);
}

async function keyOf(study: UsableStudy, { path, out, source, versions }: FinishedOptions): Promise<FinishedStudy> {
	const { whole, config, leftOut } = study;
	const identities: string[] = [];
	for (const model of config.models) identities.push(await source.identify(model));
	const tunings = [...(await tuningsOf(config, source))];
	const program = (await stat(fileURLToPath(import.meta.url))).mtimeMs;
	const missing = leftOut.map(({ id, reason }) => [id, reason]);
	const follows = { whole, missing, identities, tunings, versions, recordFormat, callFormat, program };
	const trained = config.finetune === null ? [] : [join(out, 'finetune')];
	const data = pathsIn([config.datasets, config.finetune]);
	return { study: contentId(follows), paths: [path, ...data, ...trained, ...left.map((name) => join(out, name))] };
}
